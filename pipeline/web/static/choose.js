// Shows the name of the scan that was chosen. Without this script the page only says that one is.
for (const input of document.querySelectorAll(".choose input[type=file]")) {
  const chosen = input.parentElement.querySelector(".chosen");
  input.addEventListener("change", () => { chosen.textContent = [...input.files].map((file) => file.name).join(", "); });
}

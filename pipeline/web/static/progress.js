// The button that prints the board. Printing from the browser's menu does the same.
const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());

// Bring the first marked word of a page into view. Everything else works without scripts.
document.querySelector(".marks rect")?.scrollIntoView({ block: "center", inline: "nearest" });

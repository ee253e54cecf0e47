// What a page can do besides: everything in it works without this file too.

import { forgetAll, forgetSent } from "./drafts.js";

document.documentElement.classList.remove("unscripted");

// Times in the reader's own zone; the server states them in UTC.
const clock = new Intl.DateTimeFormat(undefined, {
  weekday: "short", day: "numeric", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
for (const each of document.querySelectorAll("time[datetime]")) {
  each.title = each.textContent;
  each.textContent = clock.format(new Date(each.dateTime));
}

// Copying what stands beside a button.
for (const button of document.querySelectorAll("button[data-copies]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies).textContent;
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.said;
  });
}

// Work in steps goes on by itself, where that was asked for and as long as it is ticked.
const going = document.querySelector("form[data-goes-on]");
if (going) {
  setTimeout(() => going.elements.by_itself.checked && going.requestSubmit(), 700);
}

// A page that comes back with faults begins with them.
document.querySelector("[role=alert]")?.focus();

// Drafts go when they were handed in, and when their author leaves.
const handedIn = document.querySelector("[data-of][data-attempt]")?.dataset;
if (handedIn) forgetSent(handedIn.of, Number(handedIn.attempt));
document.querySelector("form[action='/sign-out']")?.addEventListener("submit", forgetAll);

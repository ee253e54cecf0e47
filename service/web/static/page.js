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

// Boxes for moments hold UTC until here; from now on they are of the reader's zone, as a hidden field says.
for (const box of document.querySelectorAll("input[data-offset]")) {
  const offset = document.getElementById(box.dataset.offset);
  const moment = new Date(box.value + offset.value);
  if (box.value && !isNaN(moment)) box.value = local(moment);
  const tell = () => { offset.value = offsetAt(box.value ? new Date(box.value) : new Date()); };
  box.addEventListener("input", tell);
  tell();
}
for (const each of document.querySelectorAll(".zone")) each.textContent = clock.resolvedOptions().timeZone;

/** Return a moment as a box holds it, in the reader's zone. */
function local(moment) {
  const shifted = new Date(moment.getTime() - 60_000 * moment.getTimezoneOffset());
  return shifted.toISOString().slice(0, moment.getSeconds() ? 19 : 16);
}

/** Return how far the reader's zone is from UTC at a moment, as +01:00. */
function offsetAt(moment) {
  const minutes = -moment.getTimezoneOffset();
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}

// A drawing that is wider than its frame is seen from where the first error is marked.
for (const figure of document.querySelectorAll(".figure")) {
  const first = [...figure.querySelectorAll("text.first")].find(each => each.getClientRects().length);
  if (!first) continue;
  const [frame, marked] = [figure.getBoundingClientRect(), first.getBoundingClientRect()];
  if (marked.left >= frame.left && marked.right <= frame.right) continue;
  figure.scrollLeft += marked.left + marked.width / 2 - frame.left - frame.width / 2;
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

// Drafts: what was typed into an exercise's form, kept in this browser until it is handed in.
//
// A draft is known by the id of the variant. It holds what was typed and nothing else, besides how
// many attempts there had been, and whether it was sent.

const PREFIX = "gradgrade-draft-";
const MOST_DRAFTS = 20;
const LONGEST = 200_000;

const shelf = (() => {
  try {
    return localStorage;
  } catch {
    return null;  // a browser may be told to keep nothing
  }
})();

const names = () => Object.keys(shelf ?? {}).filter((name) => name.startsWith(PREFIX));

/** Return a variant's draft: {typed, attempts, isSent, at}; null where there is none. */
export function read(variant) {
  try {
    return JSON.parse(shelf.getItem(PREFIX + variant));
  } catch {
    return null;
  }
}

/** Keep a variant's draft; what is too long, or finds no room, is not kept. */
export function keep(variant, draft) {
  const text = JSON.stringify({ ...draft, at: Date.now() });
  forget(variant);
  if (text.length > LONGEST) return;
  const older = names().sort((one, other) => age(other) - age(one));
  for (const name of older.slice(0, Math.max(0, older.length + 1 - MOST_DRAFTS))) {
    shelf?.removeItem(name);
  }
  try {
    shelf?.setItem(PREFIX + variant, text);
  } catch {
    // There is no room; the form works all the same.
  }
}

/** Forget a variant's draft. */
export function forget(variant) {
  shelf?.removeItem(PREFIX + variant);
}

/** Forget a variant's draft if it was sent, and an attempt was counted since. */
export function forgetSent(variant, attempts) {
  const draft = read(variant);
  if (draft?.isSent && attempts > draft.attempts) forget(variant);
}

/** Forget all drafts: whoever uses this browser next may be somebody else. */
export function forgetAll() {
  names().forEach((name) => shelf?.removeItem(name));
}

function age(name) {
  return Date.now() - (read(name.slice(PREFIX.length))?.at ?? 0);
}

// Pages work without this. With it, the error summary takes the focus everywhere, and a button pressed
// twice sends once.
import { createAll, Button, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink]) {
  createAll(component);
}

// What a worker does is looked at again until it is done, and then the page is shown anew.
function lookAgain(shown) {
  setTimeout(async () => {
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
      const now = page.querySelector("[data-look-again]");
      if (!now) return location.reload();
      if (now.innerHTML !== shown.innerHTML) shown.replaceChildren(...now.childNodes);
    } catch {
      // The way there is interrupted: it is asked again.
    }
    lookAgain(shown);
  }, 2000);
}
document.querySelectorAll("[data-look-again]").forEach(lookAgain);

// Notes that this device keeps are sent as soon as it may be, and signing out sends, asks and wipes first. Loaded at
// once, because there may be no connection later, and only where anything is kept.
const kept = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
const signOuts = document.querySelectorAll("form[action='/accounts/logout/']");
const notes = kept("upstream-notes") || kept("upstream-sign-out") ? import("./notes-sign-out.js") : null;
notes?.then((module) => module.onEveryPage(signOuts));
for (const form of signOuts) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || form.dataset.wiped || !kept("upstream-notes")) return;
    event.preventDefault();
    (notes || import("./notes-sign-out.js")).then((module) => module.signOut(form));
  });
}

// Whoever signs out on purpose leaves nothing of what they typed behind in this browser.
document.querySelector("form[action='/accounts/logout/']")?.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  for (const key of Object.keys(localStorage)) if (key.startsWith("upstream-typed:")) localStorage.removeItem(key);
});

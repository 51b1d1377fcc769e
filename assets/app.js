// Pages work without this. With it, the error summary takes the focus everywhere, and a button pressed
// twice sends once.
import { createAll, Button, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink]) {
  createAll(component);
}

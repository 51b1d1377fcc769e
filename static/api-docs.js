// Draws the description of the API. A request tried from it is the reader's own, so it carries their CSRF token.
const place = document.getElementById("api-docs");
SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  onComplete: leaveOneMain,
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = place.dataset.csrfToken;
    return request;
  },
});

// It is drawn within the page's main part, and would call itself another.
function leaveOneMain() {
  for (const main of place.querySelectorAll("main")) {
    main.setAttribute("role", "none");
  }
}

// A picture is loaded only when somebody asks for it; until then nothing of it is on the page.
"use strict";
(() => {
  for (const box of document.querySelectorAll("[data-media]")) {
    const [show, hide, told, veil] = ["[data-show]", "[data-hide]", "[data-told]", ".veil"].map((name) => box.querySelector(name));
    show.hidden = false;
    show.addEventListener("click", () => {
      const picture = new Image();
      picture.alt = told.dataset.shown;
      picture.addEventListener("load", () => {
        veil.replaceChildren(picture);
        veil.removeAttribute("aria-hidden");
        show.hidden = true;
        hide.hidden = false;
        told.textContent = told.dataset.shown;
        hide.focus();
      });
      picture.addEventListener("error", () => { told.textContent = told.dataset.failed; });
      picture.src = box.dataset.media;
    });
    hide.addEventListener("click", () => {
      veil.replaceChildren();
      veil.setAttribute("aria-hidden", "true");
      hide.hidden = true;
      show.hidden = false;
      told.textContent = told.dataset.gone;
      show.focus();
    });
  }
})();

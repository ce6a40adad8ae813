// One sheet under a glass: OpenSeadragon on the image that the page already shows, with its marks laid over it.
// Marks keep their place when the sheet is zoomed, moved or turned, for they are one overlay of the size of the sheet.
/* global OpenSeadragon */
const SVG = "http://www.w3.org/2000/svg";
const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;
const LEAST = 0.45;  // of the sheet's width is shown around a place

// OpenSeadragon adds a style where it finds none of that name: it hides the focus on touch screens, and our policy refuses it.
// An element of no namespace bears the name and is no style.
const style = document.createElementNS(null, "style");
style.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(style);

export class Sheet {
  constructor(frame) {
    this.frame = frame;
    this.image = frame.querySelector("img");
    this.svg = frame.querySelector("svg");
    const levels = frame.dataset.levels ? JSON.parse(frame.dataset.levels) : null;
    this.size = levels ? levels.at(-1) : { width: 1, height: 1 };
    const glass = document.createElement("div");
    glass.className = "glass";
    frame.append(glass);
    frame.classList.add("zooming");
    this.viewer = OpenSeadragon({
      element: glass, drawer: "canvas", showNavigationControl: false, animationTime: CALM ? 0 : 0.35, springStiffness: 9,
      visibilityRatio: 0.4, minZoomImageRatio: 0.7, maxZoomPixelRatio: 4, gestureSettingsMouse: { clickToZoom: false },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true }, gestureSettingsPen: { clickToZoom: false },
      tileSources: levels ? { type: "legacy-image-pyramid", levels } : { type: "image", url: frame.dataset.scan },
    });
    this.viewer.canvas.setAttribute("role", "application");
    this.viewer.canvas.setAttribute("aria-label", frame.dataset.label);
    this.viewer.addHandler("canvas-key", (event) => {  // arrows move the sheet; other keys are the page's
      event.preventDefaultAction = !event.originalEvent.key.startsWith("Arrow");
    });
    this.ready = new Promise((resolve) => this.viewer.addHandler("open", () => { this.laid(); resolve(); }));
    this.viewer.addHandler("open-failed", () => { glass.remove(); frame.classList.remove("zooming"); });
  }

  laid() {
    const { x, y } = this.viewer.world.getItemAt(0).getContentSize();
    this.ratio = y / x;
    this.cut();
    addEventListener("resize", () => this.cut());
    if (this.svg) this.viewer.addOverlay({ element: this.svg, location: new OpenSeadragon.Rect(0, 0, 1, this.ratio) });
    this.image.remove();
  }

  cut() {  // no taller than the sheet is at the whole width, so that none lies below an empty field on a narrow screen
    this.frame.style.maxHeight = `${Math.ceil(this.frame.clientWidth * this.ratio) + 2}px`;
    this.viewer.forceResize();
    this.viewer.viewport.goHome(true);
  }

  marks() { return this.svg ? [...this.svg.querySelectorAll("rect:not(.spot)")] : []; }

  spot() { return this.svg?.querySelector("rect.spot"); }

  zoom(factor) { this.viewer.viewport.zoomBy(factor).applyConstraints(); }

  whole() { this.viewer.viewport.goHome(CALM); }

  width() {  // the sheet as wide as the glass, from its top
    const { viewport } = this.viewer;
    const turned = viewport.getRotation() % 180 !== 0;
    if (turned) { viewport.goHome(CALM); return; }
    viewport.fitBounds(new OpenSeadragon.Rect(0, 0, 1, 1 / viewport.getAspectRatio()), CALM);
  }

  turn() {
    this.viewer.viewport.setRotation((this.viewer.viewport.getRotation() + 90) % 360, true);
    this.whole();
  }

  showMark(mark) { this.show(["x", "y", "width", "height"].map((name) => parseFloat(mark.getAttribute(name)) / 100)); }

  showSpot(box) {  // a box as fractions of the sheet, or the one that is there
    let rect = this.spot();
    if (!rect) {
      rect = document.createElementNS(SVG, "rect");
      rect.classList.add("spot");
      this.svg.append(rect);
    }
    if (box) ["x", "y", "width", "height"].forEach((name, i) => rect.setAttribute(name, `${box[i] * 100}%`));
    this.showMark(rect);
  }

  show([x, y, w, h]) {  // so that it can be read and one sees where on the sheet it stands
    const { viewport } = this.viewer;
    const width = Math.max(w * 1.2, LEAST, h * this.ratio * 1.2 * viewport.getAspectRatio());
    const height = width / viewport.getAspectRatio();
    const left = width > 1 ? (1 - width) / 2 : Math.max(Math.min(x + w / 2 - width / 2, 1 - width), 0);
    viewport.fitBounds(new OpenSeadragon.Rect(left, (y + h / 2) * this.ratio - height / 2, width, height), CALM);
  }

  onClick(action) {  // told in fractions of the sheet
    this.viewer.addHandler("canvas-click", (event) => {
      if (!event.quick) return;
      const point = this.viewer.viewport.pointFromPixel(event.position);
      action(point.x, point.y / this.ratio);
    });
  }
}

export function together(one, other) {  // two sheets of one size move as one
  let leading = null;
  for (const [from, to] of [[one, other], [other, one]]) {
    from.viewer.addHandler("viewport-change", () => {
      if (leading && leading !== from) return;
      leading = from;
      to.viewer.viewport.fitBounds(from.viewer.viewport.getBounds(), true);
      leading = null;
    });
  }
}

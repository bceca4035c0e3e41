export { select, pointer } from "d3-selection";
export { quadtree } from "d3-quadtree";
export { zoom, zoomIdentity, zoomTransform } from "d3-zoom";

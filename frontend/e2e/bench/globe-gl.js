// globe.gl as its documentation moves things: a custom layer of meshes that share geometry and material.

import Globe from "globe.gl";
import { ConeGeometry, Mesh, MeshLambertMaterial } from "three";
import { colourOf, fly, traffic } from "./traffic.mjs";

const count = Number(new URLSearchParams(location.search).get("aircraft"));
const aircraft = traffic(count);
// Points along +z, which is where `lookAt` turns to.
const geometry = new ConeGeometry(0.4, 1.4, 4).rotateX(Math.PI / 2);
const materials = new Map();
const materialOf = (altitude) => {
  const colour = `rgb(${colourOf(altitude)})`;
  if (!materials.has(colour)) materials.set(colour, new MeshLambertMaterial({ color: colour }));
  return materials.get(colour);
};
const place = (mesh, one) => Object.assign(mesh.position, globe.getCoords(one.latitude, one.longitude, one.altitude / 6_371_000));
/** Tracks do not change, so each is turned once. */
const turn = (mesh, one) => {
  const ahead = fly({ ...one }, 60);
  const { x, y, z } = globe.getCoords(ahead.latitude, ahead.longitude, one.altitude / 6_371_000);
  mesh.lookAt(x, y, z);
};
const globe = new Globe(document.body, { animateIn: false })
  .customThreeObject((one) => new Mesh(geometry, materialOf(one.altitude)))
  .customThreeObjectUpdate((mesh, one) => {
    place(mesh, one);
    turn(mesh, one);
  })
  .customLayerData(aircraft);
globe.controls().autoRotate = true;
globe.controls().autoRotateSpeed = 2;

let last = performance.now();
function step(now) {
  const seconds = (now - last) / 1000;
  last = now;
  for (const one of aircraft) {
    fly(one, seconds);
    const mesh = one.__threeObjCustom ?? one.__threeObj;
    if (mesh) place(mesh, one);
  }
  window.aircraft = aircraft.length;
  requestAnimationFrame(step);
}
requestAnimationFrame(step);

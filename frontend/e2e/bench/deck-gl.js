// deck.gl's globe with oriented icons, positions and angles in typed arrays that are handed over anew each frame.

import { Deck, _GlobeView as GlobeView } from "@deck.gl/core";
import { IconLayer, SolidPolygonLayer } from "@deck.gl/layers";
import { colourOf, fly, traffic } from "./traffic.mjs";

const count = Number(new URLSearchParams(location.search).get("aircraft"));
const aircraft = traffic(count);
const atlas = document.createElement("canvas");
atlas.width = atlas.height = 32;
const pen = atlas.getContext("2d");
pen.fillStyle = "#fff";
pen.fill(new Path2D("M16 2 26 30 16 24 6 30z"));
const DART = atlas.toDataURL();
const colours = new Uint8Array(aircraft.flatMap((one) => [...colourOf(one.altitude), 255]));
const earth = new SolidPolygonLayer({
  id: "earth",
  data: [[[-180, 90], [0, 90], [180, 90], [180, -90], [0, -90], [-180, -90]]],
  getPolygon: (polygon) => polygon,
  getFillColor: [20, 30, 45],
});
let longitude = 0;
const deck = new Deck({
  parent: document.body,
  views: new GlobeView({ resolution: 10 }),
  viewState: { longitude, latitude: 20, zoom: 0.6 },
  layers: [earth],
});

let last = performance.now();
function step(now) {
  const seconds = (now - last) / 1000;
  last = now;
  const positions = new Float64Array(count * 3);
  const angles = new Float32Array(count);
  aircraft.forEach((one, index) => {
    fly(one, seconds);
    positions.set([one.longitude, one.latitude, one.altitude], index * 3);
    angles[index] = -one.track;
  });
  longitude += seconds * 6;
  const darts = new IconLayer({
    id: "aircraft",
    data: { length: count, attributes: { getPosition: { value: positions, size: 3 }, getAngle: { value: angles, size: 1 }, getColor: { value: colours, size: 4 } } },
    getIcon: () => "dart",
    iconAtlas: DART,
    iconMapping: { dart: { x: 0, y: 0, width: 32, height: 32, mask: true } },
    getSize: 12,
    billboard: false,
    // Or the ground hides them; those on the far side shine through.
    parameters: { cullMode: "none", depthCompare: "always" },
  });
  deck.setProps({ viewState: { longitude, latitude: 20, zoom: 0.6 }, layers: [earth, darts] });
  window.aircraft = count;
  requestAnimationFrame(step);
}
requestAnimationFrame(step);

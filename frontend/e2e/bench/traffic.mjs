// Made-up aircraft all over the world: rows of OpenSky for the server, typed arrays for the peers. The same every time.

const METRES_PER_DEGREE = 111_195;
const START_S = 1_700_000_000;

/** Latitude, longitude, track and speed of `count` aircraft. */
export function traffic(count) {
  const random = xorshift(0x9e3779b9);
  return Array.from({ length: count }, () => ({
    latitude: -60 + 130 * random(),
    longitude: -180 + 360 * random(),
    altitude: 500 + 11_000 * random(),
    track: 360 * random(),
    speed: 100 + 150 * random(),
  }));
}

/** Lines of a recording in which all of them move: `polls` answers, `step` seconds apart. */
export function* recording(count, polls, step) {
  const aircraft = traffic(count);
  for (let poll = 0; poll < polls; poll += 1) {
    const time = START_S + poll * step;
    const rows = aircraft.map((one, index) => [
      index.toString(16).padStart(6, "0"), `SYN${index}`.padEnd(8), "Nowhere", time, time,
      Number(one.longitude.toFixed(4)), Number(one.latitude.toFixed(4)), Math.round(one.altitude / 7.62) * 7.62, false,
      Number(one.speed.toFixed(2)), Number(one.track.toFixed(2)), 0, null, null, "1200", false, 0,
    ]);
    yield `${JSON.stringify({ time, states: rows })}\n`;
    aircraft.forEach((one) => fly(one, step));
  }
}

/** Moves one aircraft on by so many seconds. */
export function fly(one, seconds) {
  const way = (one.speed * seconds) / METRES_PER_DEGREE;
  const track = (one.track * Math.PI) / 180;
  one.latitude = Math.max(-80, Math.min(80, one.latitude + way * Math.cos(track)));
  one.longitude += (way * Math.sin(track)) / Math.cos((one.latitude * Math.PI) / 180);
  if (one.longitude > 180) one.longitude -= 360;
  if (one.longitude < -180) one.longitude += 360;
  return one;
}

/** Red, green and blue of an altitude in metres: eight steps from amber to violet. */
export function colourOf(altitude) {
  const part = Math.min(7, Math.floor(altitude / 1500)) / 7;
  return [255 - 115 * part, 180 - 80 * part, 84 + 171 * part].map(Math.round);
}

function xorshift(state) {
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

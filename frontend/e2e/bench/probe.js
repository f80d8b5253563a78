// Runs before the page's own scripts: marks each animation frame callback that drew, for the trace.

(() => {
  let draws = 0;
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    ask((time) => {
      const before = draws;
      try {
        callback(time);
      } finally {
        if (draws > before) performance.mark("bench-drew");
      }
    });
  for (const name of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"]) {
    const draw = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (...words) {
      draws += 1;
      return draw.apply(this, words);
    };
  }
})();

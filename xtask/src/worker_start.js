
// What the page sends while the program still loads waits here, so that nothing is lost.
if (typeof DedicatedWorkerGlobalScope !== "undefined" && self instanceof DedicatedWorkerGlobalScope) {
  const early = [];
  const keep = (event) => early.push(event);
  addEventListener("message", keep);
  __wbg_init().then(
    () => {
      removeEventListener("message", keep);
      early.forEach((event) => self.onmessage(event));
    },
    // A rejected promise would stay inside the worker; a thrown error reaches the page.
    (error) => setTimeout(() => { throw error; }),
  );
}

/**
 * Says that the page itself could not be loaded, and offers to load it anew: a module that the network drops takes all
 * others with it. It stands in the page itself, before the rest is asked for.
 */

{
  const say = () => {
    const texts = document.getElementById("unloaded");
    if (!(texts instanceof HTMLTemplateElement)) return;
    texts.replaceWith(texts.content); // once
    document.querySelector(".unloaded button")?.addEventListener("click", () => location.reload());
  };
  addEventListener("error", ({ target }) => {
    if (!(target instanceof Element && target.matches("script[src], link[rel=stylesheet]"))) return;
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", say, { once: true });
    else say();
  }, { capture: true });
}

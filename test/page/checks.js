// Returns what is wrong with the page at a width: what sticks out, what is cut off, and what is too pale to read.
(width) => {
  const faults = [];
  const short = (element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> ${element.textContent.trim().slice(0, 40)}`;
  const visible = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";

  if (document.scrollingElement.scrollWidth > width) {
    faults.push(`the page is ${document.scrollingElement.scrollWidth} pixels wide, on ${width}`);
  }
  for (const element of document.querySelectorAll("body *")) {
    if (!visible(element) || element.closest("svg, defs")) continue;
    const box = element.getBoundingClientRect();
    if (box.right > width + 1 || box.left < -1) faults.push(`${short(element)} sticks out: ${Math.round(box.left)} to ${Math.round(box.right)}`);
    const style = getComputedStyle(element);
    if (style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1) faults.push(`${short(element)} is cut off`);
  }
  for (const group of document.querySelectorAll("svg g")) {
    const rect = group.querySelector("rect");
    if (!rect || !visible(rect)) continue;
    const box = rect.getBoundingClientRect();
    const texts = [...group.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
    for (const text of texts) {
      if (text.left < box.left - 1 || text.right > box.right + 1) faults.push(`${short(group)} is wider than its box`);
    }
    if (texts.length === 2 && texts[0].right > texts[1].left + 1) faults.push(`${short(group)}: the texts of its box overlap`);
  }
  // https://www.w3.org/TR/WCAG21/#contrast-minimum
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const opaque = (colour) => colour !== "transparent" && (channels(colour)[3] ?? 1) > 0.99;
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (opaque(colour)) return colour;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches && getComputedStyle(document.documentElement).colorScheme.includes("dark") && !matchMedia("print").matches ? "rgb(18, 18, 18)" : "rgb(255, 255, 255)";
  };
  const pale = new Set();
  for (const element of document.querySelectorAll("body *")) {
    if (!visible(element) || ![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
    const style = getComputedStyle(element);
    const inPicture = element.closest("svg");
    const colour = inPicture ? style.fill : style.color;
    const behind = inPicture && element.parentElement.querySelector("rect") ? getComputedStyle(element.parentElement.querySelector("rect")).fill : background(element);
    const [light, dark] = [luminance(colour), luminance(opaque(behind) ? behind : background(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) pale.add(`contrast ${contrast.toFixed(1)} of ${colour} on ${behind}: <${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> in ${element.parentElement.getAttribute("class")}`);
  }
  return [...new Set(faults), ...pale];
}

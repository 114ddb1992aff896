/** Measures a line of text, in pixels; ascent and descent are of the font, not of the letters. */
export type Measure = (text: string, font: { size: number; bold: boolean }) => {
  width: number;
  ascent: number;
  descent: number;
};

/** A rectangle in the coordinates of an SVG element's parent. */
interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * The box that an SVG element takes, as far as plotly asks for it: texts of one or several lines,
 * rectangles, and groups of them, moved or turned. jsdom, which lays nothing out, has no answer of
 * its own.
 */
export function boxOf(element: Element, measure: Measure): Box {
  const tag = element.tagName.toLowerCase();
  if (tag === "text") return textBox(element, measure);
  if (tag === "tspan") return lineBox(element.textContent ?? "", element, measure);
  if (tag === "rect") {
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) =>
      number(element, name)
    );
    return { left: x, right: x + width, top: y, bottom: y + height };
  }
  const children = tag === "g" || tag === "svg" ? Array.from(element.children) : [];
  return union(children.map((child) => transformed(boxOf(child, measure), child)));
}

function textBox(text: Element, measure: Measure): Box {
  const lines = Array.from(text.children).filter((child) => child.classList.contains("line"));
  if (lines.length === 0) return lineBox(text.textContent ?? "", text, measure);
  return union(lines.map((line) => {
    const box = lineBox(line.textContent ?? "", text, measure);
    const down = parseFloat(line.getAttribute("dy") ?? "0") * fontSize(text);
    return { ...box, top: box.top + down, bottom: box.bottom + down };
  }));
}

function lineBox(line: string, element: Element, measure: Measure): Box {
  const bold = Number(styleOf(element, "font-weight") ?? 400) >= 600;
  const { width, ascent, descent } = measure(line, { size: fontSize(element), bold });
  const anchor = styleOf(element, "text-anchor");
  const before = anchor === "end" ? width : anchor === "middle" ? width / 2 : 0;
  const [x, y] = [number(element, "x") - before, number(element, "y")];
  return { left: x, right: x + width, top: y - ascent, bottom: y + descent };
}

function fontSize(element: Element): number {
  return parseFloat(styleOf(element, "font-size") ?? "12");
}

/** A property from the attribute or style of the element or the nearest one around it. */
function styleOf(element: Element, property: string): string | undefined {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const value = at.getAttribute(property) ??
      (at as SVGElement).style?.getPropertyValue(property);
    if (value) return value;
  }
  return undefined;
}

/** The box after the element's own `transform`: the upright box around its corners. */
function transformed(box: Box, element: Element): Box {
  const transform = element.getAttribute("transform");
  if (!transform) return box;
  let corners = [box.left, box.right].flatMap((x) => [[x, box.top], [x, box.bottom]]);
  const steps = [...transform.matchAll(/(translate|rotate)\(([^)]*)\)/g)].reverse();
  for (const [, kind, list] of steps) {
    const [first, second = 0, third = 0] = list.split(/[\s,]+/).filter(Boolean).map(parseFloat);
    corners = corners.map(([x, y]) =>
      kind === "translate" ? [x + first, y + second] : rotated(x - second, y - third, first)
    );
    if (kind === "rotate") corners = corners.map(([x, y]) => [x + second, y + third]);
  }
  const [xs, ys] = [0, 1].map((i) => corners.map((corner) => corner[i]));
  return {
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}

function rotated(x: number, y: number, degrees: number): [number, number] {
  const angle = degrees * Math.PI / 180;
  return [
    x * Math.cos(angle) - y * Math.sin(angle),
    x * Math.sin(angle) + y * Math.cos(angle),
  ];
}

function union(boxes: Box[]): Box {
  const solid = boxes.filter((box) => box.right > box.left && box.bottom > box.top);
  if (solid.length === 0) return { left: 0, right: 0, top: 0, bottom: 0 };
  return {
    left: Math.min(...solid.map((box) => box.left)),
    right: Math.max(...solid.map((box) => box.right)),
    top: Math.min(...solid.map((box) => box.top)),
    bottom: Math.max(...solid.map((box) => box.bottom)),
  };
}

function number(element: Element, attribute: string): number {
  return parseFloat(element.getAttribute(attribute) ?? "0") || 0;
}

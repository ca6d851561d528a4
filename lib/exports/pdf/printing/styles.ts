// Looks up the style of each word without a closure, a set and a change of the stack for each of
// some twenty properties.
import { styleStacks } from './inner.ts';

const isValue = (value: unknown): boolean => value !== undefined && value !== null;

export function quickenStyles(): void {
  const { prototype, getStyleProperty: find } = styleStacks;
  const { getProperty } = prototype;

  prototype.getProperty = function (property) {
    const { styleOverrides, styleDictionary, defaultStyle } = this;
    for (let at = styleOverrides.length - 1; at >= 0; at -= 1) {
      const entry = styleOverrides[at];
      const style = typeof entry === 'string' ? styleDictionary[entry] : entry;
      if (style === undefined) continue;
      // Styles that build on others are looked up as before.
      if (typeof entry === 'string' && style.extends !== undefined) return getProperty.call(this, property);
      const value = style[property];
      if (isValue(value)) return value;
    }
    return defaultStyle?.[property];
  };

  styleStacks.getStyleProperty = (item, styles, property, fallback) => {
    const own = item[property];
    if (isValue(own)) return own;
    if (styles === undefined || styles === null) return fallback;
    if (item.style || item.section !== undefined) return find.call(styleStacks, item, styles, property, fallback);
    const value = styles.getProperty(property);
    return isValue(value) ? value : fallback;
  };
}

import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Menu } from "@/ui/menu";

afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

function opened() {
  const opener = document.createElement("button");
  opener.setAttribute("aria-haspopup", "menu");
  document.body.append(opener);
  const [close, inspect, retry] = [vi.fn(), vi.fn(), vi.fn()];
  const items = [
    { key: "inspect", label: "Inspect", act: inspect },
    { key: "retry", label: "Run again", refused: "The run has not ended.", act: retry },
    { key: "fork", label: "Fork", act: vi.fn() },
  ];
  const { unmount } = render(
    <Menu label="Menu of a" place={{ x: 1, y: 1, opener }} items={items} close={close} />,
  );
  return { opener, close, inspect, retry, unmount };
}

const press = (key: string) => fireEvent.keyDown(document.activeElement as Element, { key });
const focused = () => document.activeElement?.textContent;

describe("a menu", () => {
  it("is gone through by arrows, and found in by letters", () => {
    opened();
    expect(focused()).toBe("Inspect");
    press("ArrowUp");
    expect(focused()).toBe("Fork");
    press("ArrowDown");
    expect(focused()).toBe("Inspect");
    press("End");
    expect(focused()).toBe("Fork");
    press("Home");
    press("r");
    expect(focused()).toContain("Run again");
    press("x");
    expect(focused()).toContain("Run again");
  });

  it("gives the focus back when it is left", () => {
    for (const key of ["Escape", "Tab"]) {
      const { opener, close, unmount } = opened();
      expect(opener.getAttribute("aria-expanded")).toBe("true");
      press(key);
      expect(document.activeElement).toBe(opener);
      expect(close).toHaveBeenCalledOnce();
      unmount();
      expect(opener.hasAttribute("aria-expanded")).toBe(false);
    }
  });

  it("is left by a press beside it, and not by one in it", () => {
    const { close } = opened();
    fireEvent.pointerDown(screen.getByRole("menu"));
    expect(close).not.toHaveBeenCalled();
    fireEvent.pointerDown(document.body);
    expect(close).toHaveBeenCalledOnce();
  });

  it("says why something cannot be done, and does not do it", () => {
    const { retry, inspect, opener } = opened();
    const refused = screen.getByRole("menuitem", { name: /^Run again.*The run has not ended/s });
    expect(refused.getAttribute("aria-disabled")).toBe("true");
    fireEvent.click(refused);
    expect(retry).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole("menuitem", { name: "Inspect" }));
    expect(inspect).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(opener);
  });
});

/** What is around every screen: the ways to the others, language, theme, and the question for a key. */

import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Suspense, useEffect, useSyncExternalStore } from "react";
import { key } from "@/api/key";
import { LANGUAGES, type Language, setLanguage, useLanguage, useTexts } from "@/i18n/language";
import { later } from "@/ui/later";
import { Loading } from "@/ui/states";
import icon from "./icon.svg";
import { NotFound } from "./not-found";
import { OpenReviews } from "./open-reviews";
import { shellTexts } from "./texts";
import { setTheme, type Theme, useTheme } from "./theme";
import "./shell.css";

const EMBED = "/embed/";
const SignIn = later(async () => (await import("./sign-in")).SignIn);

/** A file that is let go where nothing takes it would take the page's place. */
function refuseFiles(event: DragEvent): void {
  if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}

function useNoFilesInPlaceOfThePage(): void {
  useEffect(() => {
    addEventListener("dragover", refuseFiles);
    addEventListener("drop", refuseFiles);
    return () => {
      removeEventListener("dragover", refuseFiles);
      removeEventListener("drop", refuseFiles);
    };
  }, []);
}

export function Shell() {
  useNoFilesInPlaceOfThePage();
  const keyWanted = useSyncExternalStore(key.subscribe, key.wanted);
  // What other sites frame has nothing around it.
  const isForFrames = useLocation({ select: ({ pathname }) => pathname.startsWith(EMBED) });
  if (!isForFrames && globalThis.self !== globalThis.top) return <NotFound />;
  return (
    <>
      {keyWanted && <SignIn />}
      {isForFrames ? <Content /> : <Framework />}
    </>
  );
}

/** Parts of the studio by the beginnings of the addresses within them. */
const WITHIN = { workflows: ["/w/"], runs: ["/r/", "/diff/", "/log"] };

function isWithin(part: keyof typeof WITHIN, pathname: string): "true" | undefined {
  return WITHIN[part].some((one) => pathname.startsWith(one)) ? "true" : undefined;
}

function Framework() {
  const t = useTexts(shellTexts);
  const pathname = useLocation({ select: (location) => location.pathname });
  return (
    <div className="shell">
      <header>
        <a className="skip button" href="#content">
          {t.skip}
        </a>
        <Link className="brand" to="/">
          <img src={icon} alt="" />
          runfold
        </Link>
        <div className="end">
          <ThemeChoice />
          <LanguageChoice />
        </div>
      </header>
      <nav aria-label={t.navigation}>
        <ul>
          <li>
            <Link to="/" aria-current={isWithin("workflows", pathname)}>
              {t.workflows}
            </Link>
          </li>
          <li>
            <Link to="/runs" aria-current={isWithin("runs", pathname)}>
              {t.runs}
            </Link>
          </li>
          <li>
            <Link to="/inbox">
              {t.inbox} <OpenReviews />
            </Link>
          </li>
          <li>
            <Link to="/chat">{t.chat}</Link>
          </li>
          <li>
            <Link to="/operations">{t.operations}</Link>
          </li>
        </ul>
      </nav>
      <Content />
    </div>
  );
}

function Content() {
  return (
    <main id="content" tabIndex={-1}>
      <Suspense fallback={<Loading />}>
        <Outlet />
      </Suspense>
    </main>
  );
}

function LanguageChoice() {
  const t = useTexts(shellTexts);
  const current = useLanguage();
  return (
    <select
      aria-label={t.language}
      value={current}
      onChange={(event) => setLanguage(event.target.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <option key={code} value={code}>
          {name}
        </option>
      ))}
    </select>
  );
}

function ThemeChoice() {
  const t = useTexts(shellTexts);
  const current = useTheme();
  return (
    <select
      aria-label={t.theme}
      className="hide-narrow"
      value={current}
      onChange={(event) => setTheme(event.target.value as Theme)}
    >
      <option value="system">{t.system}</option>
      <option value="light">{t.light}</option>
      <option value="dark">{t.dark}</option>
    </select>
  );
}

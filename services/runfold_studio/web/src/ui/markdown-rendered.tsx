/** What turns Markdown into elements; loaded when the first Markdown is shown. */

import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import "./markdown.css";

const ALLOWED = /^(https?:|mailto:)/i;

/** A link's address where it leads to the web or to a letter; else none. */
function safe(url: string): string {
  return ALLOWED.test(url) ? url : "";
}

function Link({ to, children }: { to: string | undefined; children: React.ReactNode }) {
  if (!to) return <span>{children}</span>;
  return (
    <a href={to} title={to} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}

const components: Components = {
  a: ({ href, children }) => <Link to={href}>{children}</Link>,
  // A picture is asked of its host as soon as it is shown: it is a link to it instead.
  img: ({ src, alt }) => (
    <Link to={typeof src === "string" ? src : undefined}>{alt || src || "…"}</Link>
  ),
};

export default function Rendered({ text }: { text: string }) {
  return (
    <div className="markdown">
      <ReactMarkdown remarkPlugins={[remarkGfm]} components={components} urlTransform={safe}>
        {text}
      </ReactMarkdown>
    </div>
  );
}

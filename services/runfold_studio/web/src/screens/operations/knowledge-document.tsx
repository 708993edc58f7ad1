/** A document of a knowledge base with the passages that it was cut into. */

import { Link } from "@tanstack/react-router";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { Paged } from "@/ui/paged";
import { Empty } from "@/ui/states";
import { visible } from "@/ui/visible";
import { knowledgeTexts } from "./knowledge-texts";

const PAGE = 50;

export function KnowledgeDocument({ base, document }: { base: string; document: string }) {
  const t = useTexts(knowledgeTexts);
  return (
    <>
      <p>
        <Link to="/operations" search={{ tab: "knowledge", base }}>
          ← {t.backToBase}
        </Link>
      </p>
      <h2 className="wrap">{visible(document)}</h2>
      <Paged
        queryKey={["knowledge", "chunks", base, document]}
        read={async (cursor, signal) => {
          const given = { path: { base }, query: { document, cursor, limit: PAGE }, signal };
          return (await call("get", "/api/knowledge/{base}/chunks", given)).data;
        }}
      >
        {(chunks) =>
          chunks.length === 0 ? (
            <Empty>{t.noChunks}</Empty>
          ) : (
            <ol>
              {chunks.map((chunk) => (
                <li key={chunk.id} className="card">
                  <div className="muted">
                    {chunk.index + 1} {visible((chunk.headings ?? []).join(" › "))}
                  </div>
                  <pre>{visible(chunk.text)}</pre>
                </li>
              ))}
            </ol>
          )
        }
      </Paged>
    </>
  );
}

/** The answer to a question: an option, words, a form from its schema, or an event for a state machine. */

import { type FormEvent, useState } from "react";
import { ApiProblem } from "@/api/client";
import { newId } from "@/api/new-id";
import { problemsByPlace, propertiesOf, startOf } from "@/forms/fields/schema";
import { TopFields } from "@/forms/fields/top-fields";
import { ValueField } from "@/forms/fields/value-field";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import { kindOf, type Review, type Said } from "./reviews";
import { inboxTexts } from "./texts";
import "./inbox.css";

interface Given {
  review: Review;
  disabled: boolean;
  /** What the gateway said to the answer before this one. */
  refused: unknown;
  /** Resolves to whether the answer was taken. */
  give: (said: Said) => Promise<boolean>;
}

export function AnswerForm(given: Given) {
  switch (kindOf(given.review)) {
    case "question":
      return <QuestionForm {...given} />;
    case "state_machine":
      return <MachineForm {...given} />;
    default:
      return <ValuesForm {...given} />;
  }
}

function useProblems(refused: unknown): ReadonlyMap<string, string> {
  return refused instanceof ApiProblem ? problemsByPlace(refused.document) : new Map();
}

/** The button that was pressed to send a form, by its value. */
function pressed(event: FormEvent<HTMLFormElement>): string {
  const button = (event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null;
  return button?.value ?? "";
}

/** A review, a tool call or an input: fields of its schema, and what is decided about it. */
function ValuesForm({ review, disabled, refused, give }: Given) {
  const t = useTexts(inboxTexts);
  const problems = useProblems(refused);
  const asks = review.type === "input" || Object.keys(review.schema).length > 0;
  const [values, setValues] = useState<unknown>(() => startOf(review.schema));
  const [feedback, setFeedback] = useState("");
  const isReview = review.type === "human_review";
  const decide = (action: string) => {
    // Who rejects need not fill in what is required.
    const filled = asks && action !== "rejected" ? { values: values ?? {} } : {};
    void give({ action, ...(feedback && { feedback }), ...filled });
  };
  const fields = propertiesOf(review.schema).length > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        decide(pressed(event) || (review.actions[0] ?? ""));
      }}
    >
      <fieldset className="bare stack" disabled={disabled}>
        {asks && fields && (
          <TopFields schema={review.schema} value={values} change={setValues} problems={problems} />
        )}
        {asks && !fields && (
          <ValueField
            name={t.values}
            schema={{ type: "object" }}
            value={values}
            change={setValues}
            place=""
            problems={problems}
          />
        )}
        {isReview && <Words title={t.feedback} value={feedback} change={setFeedback} />}
        <div className="row">
          {review.actions.map((action, index) =>
            action === "rejected" ? (
              <button key={action} type="button" className="danger" onClick={() => decide(action)}>
                <Action action={action} />
              </button>
            ) : (
              <button
                key={action}
                type="submit"
                value={action}
                className={index === 0 ? "primary" : ""}
              >
                <Action action={action} />
              </button>
            ),
          )}
        </div>
      </fieldset>
    </form>
  );
}

function Action({ action }: { action: string }) {
  const t = useTexts(inboxTexts);
  if (action === "approved" || action === "rejected") return t[action];
  return action === "answered" ? t.answer : visible(action);
}

function QuestionForm({ review, disabled, give }: Given) {
  const t = useTexts(inboxTexts);
  const [text, setText] = useState("");
  const inWords = review.allow_text || review.options.length === 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void give({ feedback: text });
      }}
    >
      <fieldset className="bare stack" disabled={disabled}>
        {review.missing.length > 0 && (
          <p>
            {t.missing} {review.missing.map(visible).join(", ")}
          </p>
        )}
        {review.options.length > 0 && (
          <fieldset className="bare options" aria-label={t.options}>
            {review.options.map((option) => (
              <button
                key={option.id}
                type="button"
                onClick={() => void give({ action: option.id })}
              >
                {visible(option.text || option.id)}
              </button>
            ))}
          </fieldset>
        )}
        {inWords && (
          <>
            <Words title={t.words} value={text} change={setText} required />
            <button type="submit" className="primary">
              {t.answer}
            </button>
          </>
        )}
      </fieldset>
    </form>
  );
}

function MachineForm({ review, disabled, refused, give }: Given) {
  const t = useTexts(inboxTexts);
  const problems = useProblems(refused);
  const [payload, setPayload] = useState<unknown>(undefined);
  // An event that is sent again because its answer was lost counts once by this.
  const [key, setKey] = useState(newId);
  const send = async (action: string) => {
    const values = payload === undefined ? {} : { values: payload };
    if (await give({ action, key: `${key} ${action}`, ...values })) setKey(newId());
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send(pressed(event));
      }}
    >
      <fieldset className="bare stack" disabled={disabled}>
        <p>
          {t.state}: <strong>{visible(review.state)}</strong>
        </p>
        <ValueField
          name={t.payload}
          schema={{ type: "object" }}
          value={payload}
          change={setPayload}
          place=""
          problems={problems}
        />
        <fieldset className="bare row" aria-label={t.send}>
          {review.events.map((event) => (
            <button key={event} type="submit" value={event}>
              {visible(event)}
            </button>
          ))}
        </fieldset>
      </fieldset>
    </form>
  );
}

interface WordsGiven {
  title: string;
  value: string;
  change: (value: string) => void;
  required?: boolean;
}

function Words({ title, value, change, required = false }: WordsGiven) {
  return (
    <label>
      {title}
      <textarea
        rows={2}
        required={required}
        value={value}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
}

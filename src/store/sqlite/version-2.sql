-- Version 2: lanes with fields of their own, a table of consents, and feedback.

DROP INDEX signature_mailbox;
ALTER TABLE signature RENAME TO signature_1;

CREATE TABLE signature (
    campaign_id     TEXT NOT NULL,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    body_print      BLOB NOT NULL,
    mailbox_print   BLOB,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'withdrawn', 'invalidated')),
    testing         INTEGER NOT NULL,
    lane            TEXT NOT NULL CHECK (lane IN ('individual', 'professional', 'organisation')),
    name            TEXT,
    email           TEXT,
    postcode        TEXT,
    fields          TEXT CHECK (json_valid(fields)),
    source          TEXT,
    location        TEXT,
    locale          TEXT NOT NULL,
    received_on     TEXT NOT NULL,
    PRIMARY KEY (campaign_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX signature_mailbox ON signature (campaign_id, testing, mailbox_print);

-- Each consent question that the supporter was asked, its wording, and the answer.
CREATE TABLE consent (
    campaign_id     TEXT NOT NULL,
    signature_id    BLOB NOT NULL,
    purpose         TEXT NOT NULL CHECK (purpose IN ('processing', 'updates', 'target', 'partner', 'listing')),
    state           TEXT NOT NULL CHECK (state IN ('given', 'refused', 'not_asked')),
    wording         TEXT,
    wording_sha256  TEXT,
    version         TEXT,
    locale          TEXT,
    at              TEXT,
    PRIMARY KEY (campaign_id, signature_id, purpose),
    FOREIGN KEY (campaign_id, signature_id) REFERENCES signature (campaign_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Answers to 'Was this useful?': two numbers per campaign, and nothing about who answered or when.
CREATE TABLE campaign_feedback (
    campaign_id     TEXT NOT NULL PRIMARY KEY,
    yes             INTEGER NOT NULL,
    no              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO signature
    SELECT campaign_id, id, body_print, mailbox_print, state, testing, 'individual', name, email, postcode, NULL,
           source, location, locale, received_on FROM signature_1;
INSERT INTO consent
    SELECT campaign_id, id, 'updates', updates_state, updates_wording, NULL, NULL, updates_locale, updates_at
    FROM signature_1;
DROP TABLE signature_1;

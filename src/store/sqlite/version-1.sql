-- Version 1: one consent, in the row of the signature.
--
-- WITHOUT ROWID and random ids, so that the order of the rows does not reveal the order of signing.

CREATE TABLE signature (
    campaign_id     TEXT NOT NULL,
    id              BLOB NOT NULL,
    body_print      BLOB NOT NULL,
    mailbox_print   BLOB NOT NULL,
    state           TEXT NOT NULL,
    testing         INTEGER NOT NULL,
    name            TEXT NOT NULL,
    email           TEXT NOT NULL,
    postcode        TEXT,
    updates_state   TEXT NOT NULL,
    updates_wording TEXT,
    updates_locale  TEXT,
    updates_at      TEXT,
    source          TEXT,
    location        TEXT,
    locale          TEXT NOT NULL,
    received_on     TEXT NOT NULL,
    PRIMARY KEY (campaign_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX signature_mailbox ON signature (campaign_id, testing, mailbox_print);

-- For a second signature from one mailbox, only what a retry of it needs is kept.
CREATE TABLE repeat_signature (
    campaign_id     TEXT NOT NULL,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    body_print      BLOB NOT NULL,
    PRIMARY KEY (campaign_id, id)
) STRICT, WITHOUT ROWID;

-- Updated in the same transaction as the signatures, so that nothing ever has to count rows.
CREATE TABLE campaign_count (
    campaign_id     TEXT NOT NULL PRIMARY KEY,
    signature_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

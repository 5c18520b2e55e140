-- Version 3: states with their history, a history of consents, receipts, and triggers that keep the numbers right.
--
-- Nothing here needs a newer SQLite than that of Debian stable, so that its sqlite3 can check, dump and load the file.
--
-- The checks compare with OR: for IN and three values or more, SQLite would build a temporary table for every row.

DROP INDEX signature_mailbox;
ALTER TABLE signature RENAME TO signature_2;
ALTER TABLE consent RENAME TO consent_2;
ALTER TABLE repeat_signature RENAME TO repeat_signature_2;
ALTER TABLE campaign_count RENAME TO campaign_count_2;

-- One row per mailbox and campaign, besides those that were withdrawn. Once it is erased, only the id, the state and
-- the days are left.
CREATE TABLE signature (
    campaign_id     TEXT NOT NULL,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    state           TEXT NOT NULL
        CHECK (state = 'pending' OR state = 'confirmed' OR state = 'withdrawn' OR state = 'invalidated'
            OR state = 'erased'),
    testing         INTEGER NOT NULL CHECK (testing IN (0, 1)),
    body_print      BLOB,
    mailbox_print   BLOB,
    receipt_print   BLOB,
    -- The signing whose receipt that is. NULL if it is the one that made this row.
    receipt_of      BLOB,
    -- Whether the campaign asked for confirmation when it was signed, and whether the owner of the mailbox has
    -- confirmed.
    by_email        INTEGER NOT NULL CHECK (by_email IN (0, 1)),
    is_verified     INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
    lane            TEXT CHECK (lane = 'individual' OR lane = 'professional' OR lane = 'organisation'),
    name            TEXT,
    email           TEXT,
    postcode        TEXT,
    -- A JSON object with the answers to all other fields.
    fields          TEXT,
    source          TEXT,
    location        TEXT,
    locale          TEXT,
    received_on     TEXT NOT NULL,
    PRIMARY KEY (campaign_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX signature_mailbox ON signature (campaign_id, testing, mailbox_print)
    WHERE mailbox_print IS NOT NULL AND state <> 'withdrawn';
CREATE INDEX signature_withdrawn ON signature (campaign_id, mailbox_print) WHERE state = 'withdrawn';
CREATE UNIQUE INDEX signature_receipt ON signature (receipt_print) WHERE receipt_print IS NOT NULL;

-- A later signing from the same mailbox. Its answers wait here until the mailbox is confirmed, and staff see both.
CREATE TABLE repeat_signature (
    campaign_id     TEXT NOT NULL,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    -- The id of the row in signature. NULL for repeats from before version 3, of which nothing else is known.
    signature_id    BLOB,
    is_applied      INTEGER NOT NULL CHECK (is_applied IN (0, 1)),
    by_email        INTEGER NOT NULL CHECK (by_email IN (0, 1)),
    -- What its own receipt says, which must not depend on the first signing.
    state           TEXT CHECK (state = 'pending' OR state = 'confirmed' OR state = 'withdrawn'),
    body_print      BLOB,
    receipt_print   BLOB,
    lane            TEXT CHECK (lane = 'individual' OR lane = 'professional' OR lane = 'organisation'),
    name            TEXT,
    email           TEXT,
    postcode        TEXT,
    fields          TEXT,
    source          TEXT,
    location        TEXT,
    locale          TEXT,
    received_on     TEXT,
    PRIMARY KEY (campaign_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX repeat_signature_of ON repeat_signature (campaign_id, signature_id) WHERE signature_id IS NOT NULL;
CREATE UNIQUE INDEX repeat_signature_receipt ON repeat_signature (receipt_print) WHERE receipt_print IS NOT NULL;

-- Each change of a signature's state, with its day. The first state is in the row itself, with received_on.
CREATE TABLE state_change (
    campaign_id     TEXT NOT NULL,
    signature_id    BLOB NOT NULL,
    entry           INTEGER NOT NULL,
    state           TEXT NOT NULL
        CHECK (state = 'pending' OR state = 'confirmed' OR state = 'withdrawn' OR state = 'invalidated'
            OR state = 'erased'),
    changed_on      TEXT NOT NULL,
    PRIMARY KEY (campaign_id, signature_id, entry)
) STRICT, WITHOUT ROWID;

-- The questions that were asked, each once per language and version.
CREATE TABLE wording (
    id              INTEGER PRIMARY KEY,
    sha256          TEXT NOT NULL,
    locale          TEXT NOT NULL,
    version         TEXT NOT NULL,
    text            TEXT NOT NULL,
    UNIQUE (sha256, locale, version)
) STRICT;

-- Every answer to a question about consent. Rows are only added: the answer that applies is the last one that is in
-- force. A "no" is in force at once; a "yes" of a later signing is in force when the mailbox is confirmed.
CREATE TABLE consent_entry (
    campaign_id     TEXT NOT NULL,
    signature_id    BLOB NOT NULL,
    purpose         TEXT NOT NULL
        CHECK (purpose = 'processing' OR purpose = 'updates' OR purpose = 'target' OR purpose = 'partner'
            OR purpose = 'listing'),
    entry           INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state = 'given' OR state = 'refused' OR state = 'not_asked'),
    is_in_force     INTEGER NOT NULL CHECK (is_in_force IN (0, 1)),
    -- The signing that contained the answer. NULL if it is the one that made the row in signature.
    repeat_id       BLOB,
    wording_id      INTEGER,
    answered_on     TEXT,
    PRIMARY KEY (campaign_id, signature_id, purpose, entry)
) STRICT, WITHOUT ROWID;

-- The history of consents in words.
CREATE VIEW consent AS
    SELECT campaign_id, signature_id, purpose, entry, state, is_in_force, repeat_id, wording.text AS wording,
           wording.sha256 AS wording_sha256, nullif(wording.version, '') AS version, wording.locale AS locale,
           answered_on AS at
    FROM consent_entry LEFT JOIN wording ON wording.id = consent_entry.wording_id;

CREATE TABLE campaign_count (
    campaign_id     TEXT NOT NULL PRIMARY KEY,
    signature_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Emails to be sent, and what became of those that were. The link in one confirms the mailbox.
CREATE TABLE mail (
    id              INTEGER PRIMARY KEY,
    campaign_id     TEXT NOT NULL,
    signature_id    BLOB NOT NULL,
    -- The later signing whose answers the link applies. NULL if it confirms the first.
    repeat_id       BLOB,
    -- The number of this email among those about the same signing.
    attempt         INTEGER NOT NULL,
    link_print      BLOB NOT NULL,
    owner_print     BLOB NOT NULL,
    created_on      TEXT NOT NULL,
    expires_at      TEXT NOT NULL,
    used_on         TEXT,
    state           TEXT NOT NULL CHECK (state = 'waiting' OR state = 'sent' OR state = 'failed'),
    tries           INTEGER NOT NULL,
    -- While it waits: when to try next.
    next_try_at     TEXT,
    -- Why the last try failed: a code of the mail server, without its words, which may contain the address.
    reason          TEXT
) STRICT;
CREATE UNIQUE INDEX mail_link ON mail (link_print);
CREATE INDEX mail_waiting ON mail (next_try_at) WHERE state = 'waiting';
CREATE INDEX mail_of ON mail (campaign_id, signature_id);
CREATE INDEX mail_owner ON mail (owner_print, created_on);

-- What the server must remember about itself.
CREATE TABLE setting (
    name            TEXT NOT NULL PRIMARY KEY,
    value           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO signature
    SELECT campaign_id, id, state, testing, body_print, mailbox_print, NULL, NULL, 0, 0, lane, name, email, postcode,
           fields, source, location, locale, received_on
    FROM signature_2;
INSERT INTO repeat_signature (campaign_id, id, is_applied, by_email, body_print)
    SELECT campaign_id, id, 0, 0, body_print FROM repeat_signature_2;
INSERT INTO wording (sha256, locale, version, text)
    SELECT DISTINCT coalesce(wording_sha256, ''), coalesce(locale, ''), coalesce(version, ''), wording
    FROM consent_2 WHERE wording IS NOT NULL;
-- Of the time, only the day is kept; and where it cannot be right, the day on which the signature arrived.
INSERT INTO consent_entry
    SELECT consent_2.campaign_id, signature_id, purpose, 1, consent_2.state, 1, NULL, wording.id,
           CASE
               WHEN at IS NULL THEN NULL
               WHEN substr(at, 1, 10) <= signature_2.received_on
                   AND substr(at, 1, 10) >= date(signature_2.received_on, '-31 days') THEN substr(at, 1, 10)
               ELSE signature_2.received_on
           END
    FROM consent_2
    JOIN signature_2 ON signature_2.campaign_id = consent_2.campaign_id AND signature_2.id = consent_2.signature_id
    LEFT JOIN wording ON wording.text = consent_2.wording AND wording.locale = coalesce(consent_2.locale, '')
        AND wording.version = coalesce(consent_2.version, '');
INSERT INTO campaign_count
    SELECT campaign_id, count(*) FROM signature WHERE state = 'confirmed' AND testing = 0 GROUP BY campaign_id;
DROP TABLE consent_2;
DROP TABLE signature_2;
DROP TABLE repeat_signature_2;
DROP TABLE campaign_count_2;

-- Triggers, so that the number is right and nothing is left over, even if rows are changed by hand.
CREATE TRIGGER signature_added AFTER INSERT ON signature WHEN NEW.state = 'confirmed' AND NEW.testing = 0 BEGIN
    INSERT INTO campaign_count VALUES (NEW.campaign_id, 1)
        ON CONFLICT DO UPDATE SET signature_count = signature_count + 1;
END;
CREATE TRIGGER signature_changed AFTER UPDATE OF campaign_id, state, testing ON signature BEGIN
    UPDATE campaign_count SET signature_count = signature_count - 1
        WHERE campaign_id = OLD.campaign_id AND OLD.state = 'confirmed' AND OLD.testing = 0;
    INSERT INTO campaign_count SELECT NEW.campaign_id, 1 WHERE NEW.state = 'confirmed' AND NEW.testing = 0
        ON CONFLICT DO UPDATE SET signature_count = signature_count + 1;
END;
CREATE TRIGGER signature_erased AFTER UPDATE OF state ON signature WHEN NEW.state = 'erased' BEGIN
    UPDATE signature SET body_print = NULL, mailbox_print = NULL, receipt_print = NULL, receipt_of = NULL, lane = NULL,
        name = NULL, email = NULL, postcode = NULL, fields = NULL, source = NULL, location = NULL, locale = NULL
        WHERE campaign_id = NEW.campaign_id AND id = NEW.id;
    UPDATE repeat_signature SET body_print = NULL, receipt_print = NULL, state = NULL, lane = NULL, name = NULL,
        email = NULL, postcode = NULL, fields = NULL, source = NULL, location = NULL, locale = NULL
        WHERE campaign_id = NEW.campaign_id AND signature_id = NEW.id;
    DELETE FROM consent_entry WHERE campaign_id = NEW.campaign_id AND signature_id = NEW.id;
END;
-- No link may undo what the supporter has just decided.
CREATE TRIGGER signature_closed AFTER UPDATE OF state ON signature WHEN NEW.state IN ('withdrawn', 'erased') BEGIN
    DELETE FROM mail WHERE campaign_id = NEW.campaign_id AND signature_id = NEW.id;
END;
CREATE TRIGGER signature_deleted AFTER DELETE ON signature BEGIN
    UPDATE campaign_count SET signature_count = signature_count - 1
        WHERE campaign_id = OLD.campaign_id AND OLD.state = 'confirmed' AND OLD.testing = 0;
    DELETE FROM consent_entry WHERE campaign_id = OLD.campaign_id AND signature_id = OLD.id;
    DELETE FROM repeat_signature WHERE campaign_id = OLD.campaign_id AND signature_id = OLD.id;
    DELETE FROM state_change WHERE campaign_id = OLD.campaign_id AND signature_id = OLD.id;
    DELETE FROM mail WHERE campaign_id = OLD.campaign_id AND signature_id = OLD.id;
END;

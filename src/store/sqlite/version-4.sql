-- Version 4: what staff do. The last day on which a signature changed, and signatures that were taken out together, so
-- that they can be put back.

-- NULL if nothing has changed since it was received.
ALTER TABLE signature ADD COLUMN changed_on TEXT;
UPDATE signature SET changed_on = (
    SELECT max(changed_on) FROM state_change
    WHERE state_change.campaign_id = signature.campaign_id AND state_change.signature_id = signature.id);

-- A name that those signatures share which came from one network in a short time. NULL for all others.
ALTER TABLE signature ADD COLUMN burst TEXT;
ALTER TABLE repeat_signature ADD COLUMN burst TEXT;
CREATE INDEX signature_burst ON signature (received_on) WHERE burst IS NOT NULL;
CREATE TRIGGER signature_burst_left AFTER UPDATE OF state ON signature
    WHEN NEW.state = 'erased' OR NEW.state = 'withdrawn' BEGIN
    UPDATE signature SET burst = NULL WHERE campaign_id = NEW.campaign_id AND id = NEW.id;
    UPDATE repeat_signature SET burst = NULL WHERE campaign_id = NEW.campaign_id AND signature_id = NEW.id;
END;

-- A signature that was taken out no longer keeps its mailbox: its owner, whose address someone else may have used, can
-- sign, and is counted.
DROP INDEX signature_mailbox;
CREATE UNIQUE INDEX signature_mailbox ON signature (campaign_id, testing, mailbox_print)
    WHERE mailbox_print IS NOT NULL AND state <> 'withdrawn' AND state <> 'invalidated';
CREATE INDEX signature_invalidated ON signature (campaign_id, mailbox_print) WHERE state = 'invalidated';

-- A change by hand has a day too, so that the next export contains it.
CREATE TRIGGER signature_changed_on AFTER UPDATE OF state ON signature
    WHEN NEW.state <> OLD.state AND NEW.changed_on IS OLD.changed_on BEGIN
    UPDATE signature SET changed_on = date('now') WHERE campaign_id = NEW.campaign_id AND id = NEW.id;
END;

-- The day on which everything that says who has signed was deleted. It goes on counting.
ALTER TABLE signature ADD COLUMN anonymised_on TEXT;
CREATE INDEX signature_pending ON signature (received_on) WHERE state = 'pending';

-- Campaigns that staff have closed, whatever their files say.
CREATE TABLE closed_campaign (
    campaign_id     TEXT NOT NULL PRIMARY KEY,
    closed_on       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invalidation (
    id              INTEGER PRIMARY KEY,
    done_on         TEXT NOT NULL,
    -- As they were written on the command line.
    conditions      TEXT NOT NULL,
    undone_on       TEXT
) STRICT;

CREATE TABLE invalidated_signature (
    invalidation_id INTEGER NOT NULL,
    campaign_id     TEXT NOT NULL,
    signature_id    BLOB NOT NULL,
    -- The state before.
    state           TEXT NOT NULL CHECK (state = 'pending' OR state = 'confirmed'),
    PRIMARY KEY (invalidation_id, campaign_id, signature_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invalidated_signature_of ON invalidated_signature (campaign_id, signature_id);

CREATE TRIGGER signature_deleted_undo AFTER DELETE ON signature BEGIN
    DELETE FROM invalidated_signature WHERE campaign_id = OLD.campaign_id AND signature_id = OLD.id;
END;

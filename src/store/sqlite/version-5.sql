-- Version 5: other services that are told about signatures.

CREATE TABLE destination (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    -- NULL for every campaign.
    campaign_id     TEXT,
    -- Only people who said yes to this are told about.
    purpose         TEXT NOT NULL
        CHECK (purpose = 'processing' OR purpose = 'updates' OR purpose = 'target' OR purpose = 'partner'
            OR purpose = 'listing'),
    -- Whether the server's settings name it.
    is_active       INTEGER NOT NULL CHECK (is_active IN (0, 1))
) STRICT;

-- What a service knows of a signature, and whether it must be told again. What it is told is read when it is told, so
-- that nothing is sent that has been deleted or withdrawn meanwhile.
CREATE TABLE delivery (
    destination_id  INTEGER NOT NULL,
    campaign_id     TEXT NOT NULL,
    signature_id    BLOB NOT NULL,
    -- The number of changes so far.
    change          INTEGER NOT NULL,
    -- Whether the service has the signature: 0 no, 1 yes, 2 perhaps, because it was sent and there was no good answer.
    has_it          INTEGER NOT NULL CHECK (has_it = 0 OR has_it = 1 OR has_it = 2),
    tries           INTEGER NOT NULL,
    -- NULL if there is nothing to do.
    next_try_at     TEXT,
    -- Why the last try failed: a code, never the words of the service.
    reason          TEXT,
    PRIMARY KEY (destination_id, campaign_id, signature_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_waiting ON delivery (destination_id, next_try_at) WHERE next_try_at IS NOT NULL;

CREATE TRIGGER delivery_of_new AFTER INSERT ON signature WHEN NEW.testing = 0 BEGIN
    INSERT INTO delivery
        SELECT id, NEW.campaign_id, NEW.id, 1, 0, 0, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), NULL FROM destination
        WHERE is_active = 1 AND (campaign_id IS NULL OR campaign_id = NEW.campaign_id)
        ON CONFLICT DO UPDATE SET change = change + 1, tries = 0, next_try_at = excluded.next_try_at, reason = NULL;
END;
CREATE TRIGGER delivery_of_change
    AFTER UPDATE OF state, lane, name, email, postcode, fields, source, locale ON signature
    WHEN NEW.testing = 0 AND NEW.anonymised_on IS NULL BEGIN
    INSERT INTO delivery
        SELECT id, NEW.campaign_id, NEW.id, 1, 0, 0, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), NULL FROM destination
        WHERE is_active = 1 AND (campaign_id IS NULL OR campaign_id = NEW.campaign_id)
        ON CONFLICT DO UPDATE SET change = change + 1, tries = 0, next_try_at = excluded.next_try_at, reason = NULL;
END;
-- The first answers come with the signature.
CREATE TRIGGER delivery_of_consent AFTER INSERT ON consent_entry WHEN NEW.entry > 1 AND NEW.is_in_force = 1 BEGIN
    INSERT INTO delivery
        SELECT id, NEW.campaign_id, NEW.signature_id, 1, 0, 0, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), NULL
        FROM destination WHERE is_active = 1 AND (campaign_id IS NULL OR campaign_id = NEW.campaign_id)
        ON CONFLICT DO UPDATE SET change = change + 1, tries = 0, next_try_at = excluded.next_try_at, reason = NULL;
END;
CREATE TRIGGER delivery_of_confirmed_consent AFTER UPDATE OF is_in_force ON consent_entry BEGIN
    INSERT INTO delivery
        SELECT id, NEW.campaign_id, NEW.signature_id, 1, 0, 0, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), NULL
        FROM destination WHERE is_active = 1 AND (campaign_id IS NULL OR campaign_id = NEW.campaign_id)
        ON CONFLICT DO UPDATE SET change = change + 1, tries = 0, next_try_at = excluded.next_try_at, reason = NULL;
END;
CREATE TRIGGER delivery_of_deleted AFTER DELETE ON signature BEGIN
    DELETE FROM delivery WHERE destination_id IN (SELECT id FROM destination) AND campaign_id = OLD.campaign_id
        AND signature_id = OLD.id AND has_it = 0;
    UPDATE delivery SET change = change + 1, tries = 0, next_try_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
        reason = NULL
        WHERE destination_id IN (SELECT id FROM destination) AND campaign_id = OLD.campaign_id
            AND signature_id = OLD.id;
END;
-- The campaign is over: what a service has got stays there under that service's own rules, and nothing here connects it
-- with the row that counts. But people who said no since are still removed there.
CREATE TRIGGER delivery_of_anonymised AFTER UPDATE OF anonymised_on ON signature
    WHEN NEW.anonymised_on IS NOT NULL BEGIN
    DELETE FROM delivery WHERE destination_id IN (SELECT id FROM destination) AND campaign_id = NEW.campaign_id
        AND signature_id = NEW.id AND (has_it = 0 OR NEW.state = 'confirmed' AND EXISTS (
            SELECT 1 FROM destination JOIN consent_entry AS answer
                ON answer.campaign_id = NEW.campaign_id AND answer.signature_id = NEW.id
                AND answer.purpose = destination.purpose AND answer.is_in_force = 1
            WHERE destination.id = delivery.destination_id AND answer.state = 'given' AND answer.entry = (
                SELECT max(entry) FROM consent_entry AS last
                WHERE last.campaign_id = NEW.campaign_id AND last.signature_id = NEW.id
                    AND last.purpose = answer.purpose AND last.is_in_force = 1)));
END;

//! What the database of a trial has to be like after every end, whatever the end took.
//!
//! It is read beside the running server and by another program, so that nothing of what is tried
//! stands on both sides.

use std::process::Command;

use crate::desk::Desk;

/// What the database answers, line by line.
pub(crate) fn read(desk: &Desk, sql: &str) -> Vec<String> {
    let read = Command::new("sqlite3")
        .args(["-readonly", "-batch"])
        .arg(desk.path("d/cardwright.db"))
        .arg(sql)
        .output();
    let read = read.unwrap();
    assert!(read.status.success(), "{read:?}");
    let text = String::from_utf8(read.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Looks whether the database is sound, the ledger lawful, nothing doubled, and every sum that is
/// kept the sum of what it is of. Gives how many of the trial's records there are.
pub(crate) fn inspect(desk: &Desk) -> u64 {
    let lines = read(desk, INSPECTION);
    let [records, keys, sound] = &lines[..] else {
        panic!("the database is not sound: {lines:?}");
    };
    assert_eq!(sound, "ok", "the database is not sound");
    assert_eq!(records, keys, "a key has two records");
    let verified = desk.run(&["ledger", "verify", "--data", "d"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    records.parse().unwrap()
}

/// The records of the trial, their keys, and `ok`; before it whatever is wrong.
///
/// A reversal leaves its message and that the authorization was taken back; each authorization is
/// followed by one clearing or one reversal at most. A forced posting counts towards no limit. The
/// counter of a day that is over may be gone, and one of today begins with the ninth authorization.
const INSPECTION: &str = "
    CREATE TEMP TABLE taken_back AS SELECT authorization_id AS id FROM card_void;
    CREATE TEMP TABLE made AS
        SELECT external_id AS name FROM holder WHERE external_id LIKE 'trial-%'
        UNION ALL SELECT reference FROM card_authorization WHERE reference LIKE 'trial-%'
        UNION ALL SELECT reference FROM card_transaction WHERE reference LIKE 'trial-%'
        UNION ALL SELECT message.reference FROM network_message AS message
            CROSS JOIN card_authorization AS about ON about.number =
                CAST(json_extract(message.content, '$.authorization_id') AS INTEGER)
            CROSS JOIN taken_back ON taken_back.id = about.id
            WHERE message.kind = 'reversal' AND message.reference LIKE 'trial-%';
    SELECT count(*) FROM made;
    SELECT count(DISTINCT name) FROM made;
    PRAGMA foreign_key_check;
    SELECT 'audit', action, subject_id FROM audit
        WHERE action IN ('holder.create', 'authorization.reverse', 'transaction.clear',
            'transaction.force_post')
        GROUP BY tenant, action, subject_id HAVING count(*) <> 1;
    SELECT 'audit', id FROM holder WHERE external_id LIKE 'trial-%' AND CAST(id AS TEXT)
        NOT IN (SELECT subject_id FROM audit WHERE action = 'holder.create');
    SELECT 'audit', id FROM card_transaction WHERE CAST(id AS TEXT)
        NOT IN (SELECT subject_id FROM audit WHERE action LIKE 'transaction.%');
    SELECT 'audit', number FROM card_authorization WHERE id IN (SELECT id FROM taken_back)
        AND CAST(number AS TEXT)
        NOT IN (SELECT subject_id FROM audit WHERE action = 'authorization.reverse');
    SELECT 'message', name FROM made WHERE name NOT LIKE '%-person'
        AND name NOT IN (SELECT reference FROM network_message);
    SELECT 'reversed', id FROM taken_back GROUP BY id HAVING count(*) <> 1;
    SELECT 'reversed' WHERE (SELECT count(*) FROM taken_back)
        <> (SELECT count(*) FROM made WHERE name LIKE '%-reversal');
    SELECT 'reversed', id FROM card_authorization
        WHERE (reversed > 0) <> (id IN (SELECT id FROM taken_back));
    SELECT 'entry', card_transaction FROM journal_entry WHERE card_transaction IS NOT NULL
        GROUP BY tenant, card_transaction HAVING count(*) <> 1;
    SELECT 'posted', payer.id FROM account AS payer
        WHERE payer.id IN (SELECT account FROM card_authorization) AND debits <>
        (SELECT COALESCE(SUM(billing), 0) FROM card_transaction WHERE account = payer.id);
    SELECT 'posted', id FROM card_authorization AS paid WHERE posted <>
        (SELECT COALESCE(SUM(billing), 0) FROM card_transaction
            WHERE tenant = paid.tenant AND authorization_id = paid.id);
    SELECT 'held', spender.id FROM account AS spender
        WHERE spender.id IN (SELECT account FROM card_authorization) AND
        (held_debits <> (SELECT SUM(held) FROM card_authorization WHERE account = spender.id)
            OR held_debits <> (SELECT COALESCE(SUM(amount - posted - voided), 0) FROM hold
                WHERE payer = spender.id AND state = 'open'));
    SELECT 'held' WHERE (SELECT count(*) FROM card_authorization WHERE held > 0) <>
        (SELECT count(*) FILTER (WHERE name LIKE '%-authorization') - count(*) FILTER
            (WHERE name LIKE '%-clearing' OR name LIKE '%-reversal') FROM made);
    SELECT 'counted', scope, subject, span FROM usage_counter AS counter WHERE (amount, uses) IS NOT
        (SELECT COALESCE(SUM(counted), 0), count(*) FROM card_authorization
            WHERE tenant = counter.tenant AND counted > 0
            AND CASE scope WHEN 'card' THEN card ELSE account END = subject
            AND created_at >= starts_at AND created_at < ends_at);
    SELECT 'uncounted', card FROM (SELECT tenant, card, count(*) AS made, max(created_at) AS last
            FROM card_authorization WHERE created_at >= strftime('%s', 'now', 'start of day') * 1000
            GROUP BY tenant, card) AS used
        WHERE made > 8 AND NOT EXISTS
        (SELECT * FROM usage_counter WHERE tenant = used.tenant AND scope = 'card'
            AND subject = used.card AND span = 'day'
            AND starts_at <= used.last AND ends_at > used.last);
    PRAGMA integrity_check;
";

//! That every way does the whole work, and that the figures are what they say.

use super::*;
use crate::store::db::{Db, DbOptions};

#[test]
fn figures_are_counted_and_not_guessed() {
    let latencies: Vec<Duration> = (1..=200).rev().map(Duration::from_micros).collect();
    let figures = Figures::of(latencies, Duration::from_millis(50));
    assert_eq!(figures.per_second(), 4_000);
    assert_eq!(figures.p50, Duration::from_micros(101));
    assert_eq!(figures.p99, Duration::from_micros(199));
    let nothing = Figures::of(Vec::new(), Duration::ZERO);
    assert_eq!((nothing.per_second(), nothing.p99), (0, Duration::ZERO));
}

/// How many of everything there is, and how much is held.
const WRITTEN: &str = "SELECT (SELECT count(*) FROM hold), (SELECT count(*) FROM entry), \
     (SELECT count(*) FROM outbox), (SELECT sum(held) - (SELECT sum(amount) FROM hold) FROM account), \
     (SELECT sum(amount) FROM entry)";

#[tokio::test]
async fn every_way_writes_all_it_answered() {
    let load = Load {
        clients: 4,
        duration: Duration::from_millis(50),
    };
    for rival in Rival::ALL {
        let directory = tempfile::TempDir::new().unwrap();
        let figures = run(rival, directory.path(), load).await.unwrap();
        let name = match rival {
            Rival::Log => {
                let length = directory
                    .path()
                    .join("append.log")
                    .metadata()
                    .unwrap()
                    .len();
                assert!(length >= figures.answered * 360 && length.is_multiple_of(360));
                continue;
            }
            Rival::Bare | Rival::BareAlone => "bare.db",
            Rival::Store => "store.db",
        };
        let db = Db::open(DbOptions::file(directory.path().join(name))).unwrap();
        let read = async |mut session: super::super::ReadSession| session.one(WRITTEN, &[]).await;
        let row = db.read(read).await.unwrap();
        let numbers: Vec<i64> = (0..5).map(|index| row.get(index).unwrap()).collect();
        let holds = numbers[0];
        assert!(holds > 0, "{rival}");
        assert!(holds.cast_unsigned() >= figures.answered, "{rival}");
        assert_eq!(numbers, [holds, holds * 2, holds, 0, 0], "{rival}");
        db.close().await;
    }
}

-- What holders bring along: files, and all that is asked of them.

-- Pictures of documents and of the people who hold them. The content is sealed like every other
-- secret; its keyed digest tells whether two files are the same without opening either.
CREATE TABLE holder_file (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    uuid TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('jpeg', 'png', 'pdf')),
    name TEXT,
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    content_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, uuid)
) STRICT;

/*
 * Remembers what a power cut would undo.
 *
 * Preloaded into a server, this library writes down, before each change of a database file, what
 * the change is about to destroy, and when a file or directory was synchronized. After a SIGKILL
 * the files hold everything the server ever wrote, because the kernel keeps its cache; whoever reads
 * the log can take back what nobody had asked the disk to keep.
 *
 * Law: the model is never blind. A record is complete before the change it describes is made, and
 * a way to change a database file that is not recorded here ends the process.
 *
 * The log is one file, POWERLOSS_DIRECTORY/log, of records in the machine's own byte order; see
 * `struct record`. A database file is one whose name begins with `cardwright.db`, except `-shm`,
 * which SQLite makes anew after a crash. Calls go to the kernel by number, so that no other
 * library's wrapper of the same name is in between.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#if !defined(__linux__) || !defined(__LP64__)
#error "the calls are those of 64-bit Linux"
#endif

enum { MOST_DESCRIPTORS = 65536, MOST_NAMES = 64 };

enum kind {
    NAMED = 1,     /* file: payload is its path; count is 1 if it was created just now */
    WRITTEN = 2,   /* file: payload is what stood at offset, at most count bytes of it */
    CUT = 3,       /* file: payload is what stood beyond offset, its new size */
    REMOVED = 4,   /* file: it still stands as `removed-<offset>` beside the log */
    SYNCING = 5,   /* file or directory: synchronization number `offset` begins */
    SYNCED = 6,    /* file or directory: it has ended and succeeded */
};

struct record {
    uint32_t magic, kind, file, payload;
    uint64_t offset, count, size; /* size: of the file, before */
    uint64_t sum;                 /* FNV-1a of header, with sum 0, and payload */
};

static const uint32_t MAGIC = 0x6c77726f;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_descriptor = -1;
static char directory[PATH_MAX];
static char *names[MOST_NAMES];
static uint32_t name_count;
static uint64_t event_count;
/* Number of the file behind each descriptor; 0 is none of ours. Read without the lock: nobody uses
 * a descriptor while it is being opened or closed. */
static uint32_t files[MOST_DESCRIPTORS];

static void give_up(const char *what)
{
    dprintf(2, "powerloss: %s (errno %d)\n", what, errno);
    abort();
}

__attribute__((constructor)) static void begin(void)
{
    const char *named = getenv("POWERLOSS_DIRECTORY");
    char path[PATH_MAX + 8];
    if (named == NULL || strlen(named) >= sizeof directory)
        give_up("POWERLOSS_DIRECTORY is not set");
    strcpy(directory, named);
    snprintf(path, sizeof path, "%s/log", directory);
    log_descriptor = (int)syscall(SYS_openat, AT_FDCWD, path,
                                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_descriptor < 0)
        give_up("the log cannot be opened");
}

/* --- the log; all of it with the lock held --------------------------------------------------- */

static uint64_t sum_of(uint64_t sum, const void *bytes, size_t count)
{
    const unsigned char *byte = bytes;
    for (size_t at = 0; at < count; at++)
        sum = (sum ^ byte[at]) * 0x100000001b3u;
    return sum;
}

static void append(struct record record, const void *payload)
{
    struct iovec parts[2] = {{&record, sizeof record}, {(void *)payload, record.payload}};
    record.magic = MAGIC;
    record.sum = 0;
    uint64_t sum = sum_of(0xcbf29ce484222325u, &record, sizeof record);
    record.sum = sum_of(sum, payload, record.payload);
    long written = syscall(SYS_writev, log_descriptor, parts, record.payload ? 2 : 1);
    if (written != (long)(sizeof record + record.payload))
        give_up("the log cannot be written");
}

static uint64_t size_of(int descriptor)
{
    struct stat found;
    if (fstat(descriptor, &found) != 0)
        give_up("a database file has no size");
    return (uint64_t)found.st_size;
}

/* Records a change of `count` bytes at `offset`, with what stands there now. */
static void remember(enum kind kind, int descriptor, uint64_t offset, uint64_t count)
{
    uint64_t size = size_of(descriptor);
    uint64_t end = kind == CUT || offset + count > size ? size : offset + count;
    uint64_t length = end > offset ? end - offset : 0;
    char *before = malloc(length ? length : 1);
    if (before == NULL || length > UINT32_MAX)
        give_up("what a change destroys cannot be held");
    for (uint64_t at = 0; at < length;) {
        long got = syscall(SYS_pread64, descriptor, before + at, length - at, offset + at);
        if (got <= 0)
            give_up("what a change destroys cannot be read");
        at += (uint64_t)got;
    }
    append((struct record){.kind = kind, .file = files[descriptor], .payload = (uint32_t)length,
                           .offset = offset, .count = count, .size = size}, before);
    free(before);
}

/* --- which files are meant ------------------------------------------------------------------- */

static int is_database(const char *path)
{
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    size_t length = strlen(name);
    return strncmp(name, "cardwright.db", 13) == 0 &&
           (length < 4 || strcmp(name + length - 4, "-shm") != 0);
}

/* The number of a path, from 1; a new one is named in the log. */
static uint32_t number_of(const char *path, uint64_t size, int is_new)
{
    uint32_t known = 0;
    while (known < name_count && strcmp(names[known], path) != 0)
        known++;
    if (known == name_count) {
        if (name_count == MOST_NAMES || (names[name_count++] = strdup(path)) == NULL)
            give_up("too many names");
    } else if (!is_new) {
        return known + 1;
    }
    append((struct record){.kind = NAMED, .file = known + 1, .payload = (uint32_t)strlen(path),
                           .count = (uint64_t)is_new, .size = size}, path);
    return known + 1;
}

static uint32_t file_behind(int descriptor)
{
    return descriptor >= 0 && descriptor < MOST_DESCRIPTORS ? files[descriptor] : 0;
}

/* The number of a descriptor that may be synchronized: of a database file, or a directory. */
static uint32_t kept_behind(int descriptor)
{
    struct stat found;
    char link[64], path[PATH_MAX];
    if (file_behind(descriptor) != 0)
        return files[descriptor];
    if (fstat(descriptor, &found) != 0 || !S_ISDIR(found.st_mode))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        give_up("a directory has no name");
    path[length] = 0;
    return number_of(path, 0, 0);
}

/* --- what a program calls -------------------------------------------------------------------- */

static int open_and_note(int at, const char *path, int flags, mode_t mode)
{
    if (!is_database(path))
        return (int)syscall(SYS_openat, at, path, flags, mode);
    if (at != AT_FDCWD || path[0] != '/' || (flags & (O_TRUNC | O_APPEND)))
        give_up("a database file is opened in a way that is not recorded");
    pthread_mutex_lock(&lock);
    struct stat found;
    int is_new = stat(path, &found) != 0;
    int descriptor = (int)syscall(SYS_openat, at, path, flags, mode);
    int failed = errno;
    if (descriptor >= MOST_DESCRIPTORS)
        give_up("too many descriptors");
    if (descriptor >= 0)
        files[descriptor] = number_of(path, size_of(descriptor), is_new);
    pthread_mutex_unlock(&lock);
    errno = failed;
    return descriptor;
}

/* The names that end in 64 are the same calls: an offset has 64 bits here anyway. */
#define ALSO_KNOWN_AS(name) __attribute__((alias(#name)))

static mode_t mode_in(int flags, va_list rest)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_and_note(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) ALSO_KNOWN_AS(open);

int openat(int folder, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_in(flags, rest);
    va_end(rest);
    return open_and_note(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) ALSO_KNOWN_AS(openat);

int close(int descriptor)
{
    if (file_behind(descriptor) != 0)
        files[descriptor] = 0;
    return (int)syscall(SYS_close, descriptor);
}

ssize_t write(int descriptor, const void *bytes, size_t count)
{
    if (file_behind(descriptor) == 0)
        return syscall(SYS_write, descriptor, bytes, count);
    pthread_mutex_lock(&lock);
    long offset = syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
    if (offset < 0)
        give_up("a database file has no position");
    remember(WRITTEN, descriptor, (uint64_t)offset, count);
    ssize_t written = syscall(SYS_write, descriptor, bytes, count);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset)
{
    if (file_behind(descriptor) == 0)
        return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
    pthread_mutex_lock(&lock);
    remember(WRITTEN, descriptor, (uint64_t)offset, count);
    ssize_t written = syscall(SYS_pwrite64, descriptor, bytes, count, offset);
    pthread_mutex_unlock(&lock);
    return written;
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset)
    ALSO_KNOWN_AS(pwrite);

int ftruncate(int descriptor, off_t size)
{
    if (file_behind(descriptor) == 0)
        return (int)syscall(SYS_ftruncate, descriptor, size);
    pthread_mutex_lock(&lock);
    remember(CUT, descriptor, (uint64_t)size, 0);
    int outcome = (int)syscall(SYS_ftruncate, descriptor, size);
    pthread_mutex_unlock(&lock);
    return outcome;
}
int ftruncate64(int descriptor, off_t size) ALSO_KNOWN_AS(ftruncate);

/* A change made while a synchronization runs may or may not be part of it: only what stands in the
 * log before SYNCING is kept, and only once SYNCED stands there too. */
static int synchronize(long call, int descriptor)
{
    pthread_mutex_lock(&lock);
    uint32_t file = kept_behind(descriptor);
    struct record record = {.kind = SYNCING, .file = file, .offset = event_count++};
    if (file != 0)
        append(record, "");
    pthread_mutex_unlock(&lock);
    int outcome = (int)syscall(call, descriptor);
    int failed = errno;
    if (file != 0 && outcome == 0) {
        pthread_mutex_lock(&lock);
        record.kind = SYNCED;
        append(record, "");
        pthread_mutex_unlock(&lock);
    }
    errno = failed;
    return outcome;
}

int fsync(int descriptor)
{
    return synchronize(SYS_fsync, descriptor);
}

int fdatasync(int descriptor)
{
    return synchronize(SYS_fdatasync, descriptor);
}

int unlinkat(int folder, const char *path, int flags)
{
    if (!is_database(path) || (flags & AT_REMOVEDIR))
        return (int)syscall(SYS_unlinkat, folder, path, flags);
    if (folder != AT_FDCWD || path[0] != '/')
        give_up("a database file is removed in a way that is not recorded");
    pthread_mutex_lock(&lock);
    char aside[PATH_MAX + 32];
    uint64_t number = event_count++;
    snprintf(aside, sizeof aside, "%s/removed-%lu", directory, (unsigned long)number);
    if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, aside, 0) == 0)
        append((struct record){.kind = REMOVED, .file = number_of(path, 0, 0), .offset = number},
               "");
    else if (errno != ENOENT)
        give_up("a removed database file cannot be kept aside");
    int outcome = (int)syscall(SYS_unlinkat, folder, path, flags);
    int failed = errno;
    pthread_mutex_unlock(&lock);
    errno = failed;
    return outcome;
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

/* --- what is not recorded, and must not happen ----------------------------------------------- */

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
    if ((flags & MAP_SHARED) && (protection & PROT_WRITE) && file_behind(descriptor) != 0)
        give_up("a database file is written through memory");
    return (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}
void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
    ALSO_KNOWN_AS(mmap);

ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
    if (file_behind(descriptor) != 0)
        give_up("a database file is written in several parts");
    return syscall(SYS_writev, descriptor, parts, count);
}

int rename(const char *from, const char *to)
{
    if (is_database(from) || is_database(to))
        give_up("a database file is renamed");
    return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int fallocate(int descriptor, int mode, off_t offset, off_t length)
{
    if (file_behind(descriptor) != 0)
        give_up("a database file is given room");
    return (int)syscall(SYS_fallocate, descriptor, mode, offset, length);
}

static int refuse_to_double(int descriptor, long call, int onto, int flags)
{
    if (file_behind(descriptor) != 0 || file_behind(onto) != 0)
        give_up("a descriptor of a database file is doubled");
    return (int)syscall(call, descriptor, onto, flags);
}

int dup(int descriptor)
{
    return refuse_to_double(descriptor, SYS_dup, -1, 0);
}

int dup3(int descriptor, int onto, int flags)
{
    return refuse_to_double(descriptor, SYS_dup3, onto, flags);
}

/* Loaded into the server with LD_PRELOAD, this remembers what a power cut would undo: every change of the database's
 * files since they were last synchronised with the disk. The test kills the server and applies it.
 *
 * POWER_LOSS_LOG is the file for the changes; each is `path offset length old-size` and the old bytes. With
 * POWER_LOSS_NO_SYNC, synchronising has no effect, as with PRAGMA synchronous = OFF: the control, which must lose data.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Writes the path of a database file, or of its log, and returns 1; returns 0 for every other file. */
static int tracked(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    return name && (!strcmp(name, "/pledge.sqlite") || !strcmp(name, "/pledge.sqlite-wal"));
}

/* Returns the name of the list of changes of one file. */
static void log_name(const char *path, char *name, size_t size) {
    const char *kind = strstr(path, "-wal") ? "wal" : "db";
    snprintf(name, size, "%s.%s", getenv("POWER_LOSS_LOG"), kind);
}

/* Records what is in a part of a file before it changes. */
static void record(int fd, const char *path, off64_t offset, size_t length) {
    struct stat64 info;
    if (fstat64(fd, &info)) return;
    char name[4096];
    log_name(path, name, sizeof name);
    int log = REAL(open64)(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0) return;
    size_t old = offset >= info.st_size ? 0 : (size_t)(info.st_size - offset) < length ? (size_t)(info.st_size - offset) : length;
    long long head[3] = {offset, (long long)old, info.st_size};
    char *bytes = malloc(sizeof head + old);
    memcpy(bytes, head, sizeof head);
    ssize_t got = old ? REAL(pread64)(fd, bytes + sizeof head, old, offset) : 0;
    if (got == (ssize_t)old) REAL(write)(log, bytes, sizeof head + old);
    free(bytes);
    close(log);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    char path[4096];
    if (!tracked(fd, path, sizeof path)) return REAL(pwrite64)(fd, data, length, offset);
    pthread_mutex_lock(&lock);
    record(fd, path, offset, length);
    ssize_t written = REAL(pwrite64)(fd, data, length, offset);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    return pwrite64(fd, data, length, offset);
}

int ftruncate64(int fd, off64_t length) {
    char path[4096];
    struct stat64 info;
    if (!tracked(fd, path, sizeof path) || fstat64(fd, &info)) return REAL(ftruncate64)(fd, length);
    pthread_mutex_lock(&lock);
    if (length < info.st_size) record(fd, path, length, info.st_size - length);
    else record(fd, path, length, 0);
    int result = REAL(ftruncate64)(fd, length);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t length) {
    return ftruncate64(fd, length);
}

/* After a synchronisation, a power cut undoes nothing of this file. */
static void forget(int fd) {
    char path[4096], name[4096];
    if (getenv("POWER_LOSS_NO_SYNC") || !tracked(fd, path, sizeof path)) return;
    log_name(path, name, sizeof name);
    pthread_mutex_lock(&lock);
    unlink(name);
    pthread_mutex_unlock(&lock);
}

int fdatasync(int fd) {
    int result = REAL(fdatasync)(fd);
    if (!result) forget(fd);
    return result;
}

int fsync(int fd) {
    int result = REAL(fsync)(fd);
    if (!result) forget(fd);
    return result;
}

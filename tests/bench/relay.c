/*
 * An impaired link between two network namespaces: one TUN device in each, this process in the middle.
 *
 *   relay NAMESPACE_A NAMESPACE_B LOG_FILE
 *
 * Both devices are called "relay0". Prints "ready" when they exist and ends with its standard input.
 * Control lines on standard input, one direction or both ("A" is what A sends to B):
 *
 *   <A|B|*> rate=BITS_PER_SECOND(0: unlimited) queue=MS delay=MS jitter=MS loss=0..1
 *
 * First in, first out: jitter delays packets but never reorders them. The queue holds what the rate sends in `queue`
 * milliseconds, at least 15000 bytes; what does not fit is dropped. Every 100 ms a line goes to the log:
 *
 *   UNIX_S then for each direction: RATE_BPS QUEUE_MS IN_BYTES OUT_BYTES OVERFLOW_BYTES LOST_BYTES
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { RING = 16384, PACKET_BYTES = 4096, LINE_BYTES = 512 };
static const double MIN_QUEUE_BYTES = 15000;
static const double LOG_EVERY_S = 0.1;

struct packet {
    double release_s;
    int length;
    unsigned char *bytes;
};

struct direction {
    double rate_bps, queue_s, delay_s, jitter_s, loss;
    double sent_until_s;    /* when the last queued bit leaves the bottleneck */
    double last_release_s;  /* keeps the order */
    struct packet ring[RING];
    unsigned head, tail;
    long in, out, overflow, lost; /* bytes since the last log line */
};

static struct direction directions[2];
static int devices[2];

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int open_device(const char *namespace) {
    char path[128];
    struct ifreq request = {0};
    snprintf(path, sizeof path, "/var/run/netns/%s", namespace);
    int home = open("/proc/self/ns/net", O_RDONLY), away = open(path, O_RDONLY);
    if (home < 0 || away < 0 || setns(away, CLONE_NEWNET) < 0) die(path);
    int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    strcpy(request.ifr_name, "relay0");
    if (device < 0 || ioctl(device, TUNSETIFF, &request) < 0) die("tun");
    if (setns(home, CLONE_NEWNET) < 0) die("setns");
    close(home);
    close(away);
    return device;
}

static void enqueue(struct direction *d, const unsigned char *bytes, int length, double t) {
    d->in += length;
    if (bytes[0] >> 4 == 4 && d->loss > 0 && drand48() < d->loss) {
        d->lost += length;
        return;
    }
    double release = t;
    double sent_until = d->sent_until_s;
    if (d->rate_bps > 0) {
        double start = sent_until > t ? sent_until : t;
        double limit = d->rate_bps * d->queue_s / 8;
        if (limit < MIN_QUEUE_BYTES) limit = MIN_QUEUE_BYTES;
        if ((start - t) * d->rate_bps / 8 + length > limit) {
            d->overflow += length;
            return;
        }
        sent_until = release = start + length * 8 / d->rate_bps;
    }
    if (d->tail - d->head >= RING) {
        d->overflow += length;
        return;
    }
    d->sent_until_s = sent_until;
    release += d->delay_s;
    if (d->jitter_s > 0) release += (drand48() * 2 - 1) * d->jitter_s;
    if (release < d->last_release_s) release = d->last_release_s;
    d->last_release_s = release;
    struct packet *p = &d->ring[d->tail % RING];
    p->release_s = release;
    p->length = length;
    p->bytes = malloc(length);
    if (!p->bytes) die("malloc");
    memcpy(p->bytes, bytes, length);
    d->tail++;
}

/* Sends what is due; returns when the next packet is due, or `next` if that comes first. */
static double release_due(int which, double t, double next) {
    struct direction *d = &directions[which];
    while (d->head != d->tail) {
        struct packet *p = &d->ring[d->head % RING];
        if (p->release_s > t) return p->release_s < next ? p->release_s : next;
        if (write(devices[1 - which], p->bytes, p->length) < 0 && errno != EAGAIN) {
            /* the namespace's interface is down: the packet is lost, as on a real link */
        }
        d->out += p->length;
        free(p->bytes);
        d->head++;
    }
    return next;
}

static void write_log(FILE *log, double t) {
    fprintf(log, "%.3f", t);
    for (int i = 0; i < 2; i++) {
        struct direction *d = &directions[i];
        double queue_ms = d->rate_bps > 0 && d->sent_until_s > t ? (d->sent_until_s - t) * 1e3 : 0;
        fprintf(log, " %.0f %.1f %ld %ld %ld %ld", d->rate_bps, queue_ms, d->in, d->out, d->overflow, d->lost);
        d->in = d->out = d->overflow = d->lost = 0;
    }
    fputc('\n', log);
    fflush(log);
}

static void set_value(struct direction *d, const char *name, double value) {
    if (!strcmp(name, "rate")) {
        d->rate_bps = value;
        d->sent_until_s = 0;
    } else if (!strcmp(name, "queue")) {
        d->queue_s = value / 1e3;
    } else if (!strcmp(name, "delay")) {
        d->delay_s = value / 1e3;
    } else if (!strcmp(name, "jitter")) {
        d->jitter_s = value / 1e3;
    } else if (!strcmp(name, "loss")) {
        d->loss = value;
    } else {
        fprintf(stderr, "relay: unknown setting %s\n", name);
        exit(2);
    }
}

static void obey(char *line) {
    int to_b = line[0] != 'B', to_a = line[0] != 'A';
    strtok(line, " ");
    for (char *word = strtok(NULL, " "); word; word = strtok(NULL, " ")) {
        char *equals = strchr(word, '=');
        if (!equals) continue;
        *equals = 0;
        double value = atof(equals + 1);
        if (to_b) set_value(&directions[0], word, value);
        if (to_a) set_value(&directions[1], word, value);
    }
}

/* Reads control lines; returns 0 at the end of the input. */
static int read_control(void) {
    static char line[LINE_BYTES];
    static int length;
    int n = read(0, line + length, sizeof line - 1 - length);
    if (n <= 0) return 0;
    length += n;
    line[length] = 0;
    char *end;
    while ((end = strchr(line, '\n'))) {
        *end = 0;
        obey(line);
        memmove(line, end + 1, strlen(end + 1) + 1);
        length = strlen(line);
    }
    return length < LINE_BYTES - 1;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (int i = 0; i < 2; i++) {
        devices[i] = open_device(arguments[1 + i]);
        directions[i].queue_s = 0.2;
    }
    FILE *log = fopen(arguments[3], "w");
    if (!log) die(arguments[3]);
    srand48(12345);
    puts("ready");
    fflush(stdout);
    double next_log = now_s();
    for (;;) {
        double t = now_s(), next = next_log;
        for (int i = 0; i < 2; i++) next = release_due(i, t, next);
        if (t >= next_log) {
            write_log(log, t);
            next_log += LOG_EVERY_S;
            if (next_log < t) next_log = t + LOG_EVERY_S;
            continue;
        }
        double wait = next > t ? next - t : 0;
        struct timespec timeout = {(time_t)wait, (long)((wait - (time_t)wait) * 1e9)};
        struct pollfd polled[3] = {{devices[0], POLLIN, 0}, {devices[1], POLLIN, 0}, {0, POLLIN, 0}};
        if (ppoll(polled, 3, &timeout, NULL) <= 0) continue;
        t = now_s();
        for (int i = 0; i < 2; i++) {
            unsigned char bytes[PACKET_BYTES];
            int length;
            if (!(polled[i].revents & POLLIN)) continue;
            while ((length = read(devices[i], bytes, sizeof bytes)) > 0) enqueue(&directions[i], bytes, length, t);
        }
        if (polled[2].revents && !read_control()) return 0;
    }
}

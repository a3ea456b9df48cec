/* What the broker can do at most, by its own C client: COUNT persistent messages published with confirms, at most
 * WINDOW unconfirmed, then consumed and acknowledged 64 at a time. One connection each, one thread.
 *
 *     cc -O2 broker.c -lrabbitmq -o broker && ./broker HOST PORT USER COUNT WINDOW   (the password on standard input)
 */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void demand(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broker: %s\n", what);
    exit(1);
}

static amqp_connection_state_t open_channel(char **arguments, const char *password) {
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    demand(amqp_socket_open(socket, arguments[1], atoi(arguments[2])) == AMQP_STATUS_OK, "cannot connect");
    amqp_rpc_reply_t reply =
        amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, arguments[3], password);
    demand(reply.reply_type == AMQP_RESPONSE_NORMAL, "cannot log in");
    demand(amqp_channel_open(connection, 1) != NULL, "cannot open a channel");
    return connection;
}

static double publish(amqp_connection_state_t connection, amqp_bytes_t queue, int count, int window) {
    char text[160];
    memset(text, 'x', sizeof text);
    amqp_bytes_t body = {sizeof text, text};
    amqp_basic_properties_t properties;
    memset(&properties, 0, sizeof properties);
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = 2;
    amqp_confirm_select(connection, 1);
    int sent = 0, confirmed = 0;
    double start = seconds();
    while (confirmed < count) {
        for (; sent < count && sent - confirmed < window; sent++)
            demand(amqp_basic_publish(connection, 1, amqp_empty_bytes, queue, 1, 0, &properties, body) == 0,
                   "cannot publish");
        amqp_frame_t frame;
        demand(amqp_simple_wait_frame(connection, &frame) == AMQP_STATUS_OK, "no confirm");
        if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD) {
            amqp_basic_ack_t *ack = frame.payload.method.decoded;
            confirmed = ack->multiple ? (int)ack->delivery_tag : confirmed + 1;
        }
        amqp_maybe_release_buffers(connection);
    }
    return count / (seconds() - start);
}

static double consume(amqp_connection_state_t connection, amqp_bytes_t queue, int count) {
    amqp_basic_qos(connection, 1, 0, 512, 0);
    amqp_basic_consume(connection, 1, queue, amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    double start = seconds();
    for (int taken = 1; taken <= count; taken++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
        demand(reply.reply_type == AMQP_RESPONSE_NORMAL, "cannot consume");
        if (taken % 64 == 0 || taken == count) amqp_basic_ack(connection, 1, envelope.delivery_tag, 1);
        amqp_destroy_envelope(&envelope);
    }
    return count / (seconds() - start);
}

int main(int argc, char **argv) {
    demand(argc == 6, "usage: broker HOST PORT USER COUNT WINDOW");
    char password[256] = "";
    demand(fgets(password, sizeof password, stdin) != NULL, "no password on standard input");
    password[strcspn(password, "\n")] = 0;
    amqp_bytes_t queue = amqp_cstring_bytes("kassa-bench");
    amqp_connection_state_t publisher = open_channel(argv, password);
    amqp_queue_declare(publisher, 1, queue, 0, 1, 0, 0, amqp_empty_table);
    amqp_queue_purge(publisher, 1, queue);
    printf("published %.0f\n", publish(publisher, queue, atoi(argv[4]), atoi(argv[5])));
    amqp_connection_state_t consumer = open_channel(argv, password);
    printf("consumed %.0f\n", consume(consumer, queue, atoi(argv[4])));
    amqp_queue_delete(publisher, 1, queue, 0, 0);
    return 0;
}

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <string.h>

/* Swift imports no variadic function, and amqp_login_with_properties is one. The capabilities make the
   broker tell of an alarm (connection.blocked) and of a consumer it cancels: by default the library
   advertises neither, and the broker then says nothing. */
static inline amqp_rpc_reply_t rabbit_login(
    amqp_connection_state_t state, const char *vhost, int heartbeat, const char *user,
    const char *password, const char *connection_name) {
    static const char *const names[] = {
        "connection.blocked", "consumer_cancel_notify", "publisher_confirms", "basic.nack"};
    amqp_table_entry_t capabilities[4];
    amqp_table_entry_t properties[2];
    amqp_table_t table;
    int i;
    for (i = 0; i < 4; i++) {
        capabilities[i].key = amqp_cstring_bytes(names[i]);
        capabilities[i].value.kind = AMQP_FIELD_KIND_BOOLEAN;
        capabilities[i].value.value.boolean = 1;
    }
    properties[0].key = amqp_cstring_bytes("capabilities");
    properties[0].value.kind = AMQP_FIELD_KIND_TABLE;
    properties[0].value.value.table.num_entries = 4;
    properties[0].value.value.table.entries = capabilities;
    properties[1].key = amqp_cstring_bytes("connection_name");
    properties[1].value.kind = AMQP_FIELD_KIND_UTF8;
    properties[1].value.value.bytes = amqp_cstring_bytes(connection_name);
    table.num_entries = 2;
    table.entries = properties;
    return amqp_login_with_properties(
        state, vhost, 1, AMQP_DEFAULT_FRAME_SIZE, heartbeat, &table, AMQP_SASL_METHOD_PLAIN, user,
        password);
}

import CRabbitMQ

/// The library's connection object and the memory it lends us for outgoing properties.
///
/// It belongs to the actor's thread alone, as the library demands; the last reference destroys it
/// and closes the library's descriptor.
final class LibraryState {
    let pointer: amqp_connection_state_t
    private var pool = amqp_pool_t()

    init?() {
        guard let pointer = amqp_new_connection() else { return nil }
        self.pointer = pointer
        init_amqp_pool(&pool, 4_096)
    }

    deinit {
        empty_amqp_pool(&pool)
        amqp_destroy_connection(pointer)
    }

    /// Publishes to the default exchange, mandatory and persistent. Returns the library's status.
    ///
    /// - Parameter stamp: headers beside the message's own.
    func publish(_ message: AMQPMessage, stamp: [String: String], as user: String) -> Int32 {
        defer { recycle_amqp_pool(&pool) }
        var properties = amqp_basic_properties_t()
        properties._flags = amqp_flags_t(
            AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG
                | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_USER_ID_FLAG)
        properties.content_type = bytes(message.contentType)
        properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
        properties.message_id = bytes(message.messageID)
        properties.user_id = bytes(user)
        if let type = message.type {
            properties._flags |= amqp_flags_t(AMQP_BASIC_TYPE_FLAG)
            properties.type = bytes(type)
        }
        if let appID = message.appID {
            properties._flags |= amqp_flags_t(AMQP_BASIC_APP_ID_FLAG)
            properties.app_id = bytes(appID)
        }
        if let timestamp = message.timestamp {
            properties._flags |= amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG)
            properties.timestamp = timestamp
        }
        if !message.headers.isEmpty || !stamp.isEmpty {
            properties._flags |= amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
            properties.headers = table(message.headers, stamp)
        }
        let queue = bytes(message.queue)
        return message.body.withUnsafeBytes { body in
            // The library only reads through this pointer; its type predates const.
            let start = UnsafeMutableRawPointer(mutating: body.baseAddress)
            return amqp_basic_publish(
                pointer, 1, amqp_empty_bytes, queue, 1, 0, &properties,
                amqp_bytes_t(len: body.count, bytes: start))
        }
    }

    /// Calls `body` with a C view of `text` that lasts as long as the call.
    func withBytes<Result>(_ text: String, _ body: (amqp_bytes_t) -> Result) -> Result {
        defer { recycle_amqp_pool(&pool) }
        return body(bytes(text))
    }

    private func bytes(_ text: String) -> amqp_bytes_t {
        var copy = amqp_bytes_t()
        let utf8 = Array(text.utf8)
        amqp_pool_alloc_bytes(&pool, utf8.count, &copy)
        copy.bytes?.copyMemory(from: utf8, byteCount: utf8.count)
        return copy
    }

    /// Both go into one table as they are: merging them would cost each message a dictionary.
    private func table(_ headers: [String: String], _ stamp: [String: String]) -> amqp_table_t {
        let count = headers.count + stamp.count
        let size = MemoryLayout<amqp_table_entry_t>.stride * count
        guard let memory = amqp_pool_alloc(&pool, size) else { return amqp_empty_table }
        let entries = memory.bindMemory(to: amqp_table_entry_t.self, capacity: count)
        var next = entries
        for headers in [headers, stamp] {
            for header in headers {
                var entry = amqp_table_entry_t()
                entry.key = bytes(header.key)
                entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                entry.value.value.bytes = bytes(header.value)
                next.initialize(to: entry)
                next += 1
            }
        }
        return amqp_table_t(num_entries: Int32(count), entries: entries)
    }
}

import CRabbitMQ

extension String {
    /// A copy of the library's bytes; what is no UTF-8 is mended with U+FFFD.
    init(_ bytes: amqp_bytes_t) {
        self.init(
            decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}

extension AMQPDelivery.Properties {
    /// Copies what a header frame carries: the library's memory is released with the frame.
    init(_ raw: amqp_basic_properties_t) {
        func has(_ flag: Int32) -> Bool { raw._flags & amqp_flags_t(flag) != 0 }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { messageID = String(raw.message_id) }
        if has(AMQP_BASIC_TYPE_FLAG) { type = String(raw.type) }
        if has(AMQP_BASIC_APP_ID_FLAG) { appID = String(raw.app_id) }
        if has(AMQP_BASIC_USER_ID_FLAG) { userID = String(raw.user_id) }
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) { contentType = String(raw.content_type) }
        if has(AMQP_BASIC_TIMESTAMP_FLAG) { timestamp = raw.timestamp }
        if has(AMQP_BASIC_DELIVERY_MODE_FLAG) { deliveryMode = raw.delivery_mode }
        guard has(AMQP_BASIC_HEADERS_FLAG) else { return }
        let entries = UnsafeBufferPointer(
            start: raw.headers.entries, count: Int(raw.headers.num_entries))
        for entry in entries {
            headers[String(entry.key)] = Self.text(of: entry.value)
        }
    }

    private static func text(of field: amqp_field_value_t) -> String? {
        let value = field.value
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_UTF8, AMQP_FIELD_KIND_BYTES: return String(value.bytes)
        case AMQP_FIELD_KIND_BOOLEAN: return value.boolean == 0 ? "false" : "true"
        case AMQP_FIELD_KIND_I8: return String(value.i8)
        case AMQP_FIELD_KIND_U8: return String(value.u8)
        case AMQP_FIELD_KIND_I16: return String(value.i16)
        case AMQP_FIELD_KIND_U16: return String(value.u16)
        case AMQP_FIELD_KIND_I32: return String(value.i32)
        case AMQP_FIELD_KIND_U32: return String(value.u32)
        case AMQP_FIELD_KIND_I64: return String(value.i64)
        case AMQP_FIELD_KIND_U64, AMQP_FIELD_KIND_TIMESTAMP: return String(value.u64)
        case AMQP_FIELD_KIND_F32: return String(value.f32)
        case AMQP_FIELD_KIND_F64: return String(value.f64)
        default: return nil
        }
    }
}

extension AMQPError {
    /// What the broker said when it closed the connection or the channel, or how the library
    /// failed.
    init(_ reply: amqp_rpc_reply_t, during action: String) {
        switch reply.reply_type {
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            self = AMQPError(closing: reply.reply) ?? AMQPError(.closedByBroker, action)
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            self = AMQPError(status: reply.library_error, during: action)
        default:
            self = AMQPError(.connectionLost, "\(action): the broker hung up.")
        }
    }

    init(status: Int32, during action: String) {
        let words = String(cString: amqp_error_string2(status))
        let timeouts = [AMQP_STATUS_TIMEOUT.rawValue, AMQP_STATUS_HEARTBEAT_TIMEOUT.rawValue]
        self.init(timeouts.contains(status) ? .timedOut : .connectionLost, "\(action): \(words).")
    }

    /// Reads connection.close and channel.close; nil for any other method.
    init?(closing method: amqp_method_t) {
        let reply: (code: UInt16, text: amqp_bytes_t)
        switch method.id {
        case AMQP_CONNECTION_CLOSE_METHOD:
            guard let close = method.decoded?.load(as: amqp_connection_close_t.self) else {
                return nil
            }
            reply = (close.reply_code, close.reply_text)
        case AMQP_CHANNEL_CLOSE_METHOD:
            guard let close = method.decoded?.load(as: amqp_channel_close_t.self) else {
                return nil
            }
            reply = (close.reply_code, close.reply_text)
        default: return nil
        }
        let code: Code =
            switch reply.code {
            case 403: .accessRefused
            case 404, 530: .notFound
            case 406: .preconditionFailed
            default: .closedByBroker
            }
        self.init(code, String(reply.text), replyCode: Int(reply.code))
    }
}

import CRabbitMQ
import Logging
import Synchronization

/// What each frame of the broker means for the connection. Nothing here waits for another frame.
extension AMQPConnection {
    /// Takes one frame in; a frame that breaks the protocol ends the connection.
    func handle(_ frame: amqp_frame_t, _ library: LibraryState) {
        do {
            switch Int32(frame.frame_type) {
            case AMQP_FRAME_METHOD: try handle(frame.payload.method, library)
            case AMQP_FRAME_HEADER:
                let header = frame.payload.properties
                guard let decoded = header.decoded else { throw ContentAssembler.Disorder() }
                let properties = AMQPDelivery.Properties(
                    decoded.load(as: amqp_basic_properties_t.self))
                take(try assembler.header(properties, size: header.body_size))
            case AMQP_FRAME_BODY:
                let fragment = frame.payload.body_fragment
                take(
                    try assembler.fragment(
                        UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)))
            default: break
            }
        } catch {
            end(AMQPError(.connectionLost, "The broker sent a frame out of its order."))
        }
    }

    private func handle(_ method: amqp_method_t, _ library: LibraryState) throws {
        func decoded<T>(_ type: T.Type) throws -> T {
            guard let value = method.decoded?.load(as: type) else {
                throw ContentAssembler.Disorder()
            }
            return value
        }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = try decoded(amqp_basic_deliver_t.self)
            try assembler.begin(
                .delivery(
                    tag: deliver.delivery_tag, isRedelivered: deliver.redelivered != 0,
                    routingKey: String(deliver.routing_key)))
        case AMQP_BASIC_RETURN_METHOD:
            let back = try decoded(amqp_basic_return_t.self)
            try assembler.begin(
                .returned(
                    code: Int(back.reply_code), text: String(back.reply_text),
                    routingKey: String(back.routing_key)))
        case AMQP_BASIC_ACK_METHOD:
            let ack = try decoded(amqp_basic_ack_t.self)
            publisher.settle(ack.delivery_tag, multiple: ack.multiple != 0, as: .confirmed)
        case AMQP_BASIC_NACK_METHOD:
            let nack = try decoded(amqp_basic_nack_t.self)
            publisher.settle(nack.delivery_tag, multiple: nack.multiple != 0, as: .refused)
        case AMQP_BASIC_CANCEL_METHOD:
            end(AMQPError(.consumerCancelled, "The broker ended the consumer: is its queue gone?"))
        case AMQP_CONNECTION_BLOCKED_METHOD:
            let reason = String(try decoded(amqp_connection_blocked_t.self).reason)
            snapshot.withLock { $0 = .blocked(reason: reason) }
            logger.warning("The broker blocks publishers", metadata: ["reason": "\(reason)"])
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            snapshot.withLock { $0 = .open }
            logger.info("The broker takes messages again")
        case AMQP_CONNECTION_CLOSE_METHOD, AMQP_CHANNEL_CLOSE_METHOD:
            acceptClose(method, library)
        default: break
        }
    }

    /// Answers the broker's close, so that its log stays clean, and ends.
    private func acceptClose(_ method: amqp_method_t, _ library: LibraryState) {
        let error = AMQPError(closing: method)
        if method.id == AMQP_CONNECTION_CLOSE_METHOD {
            var ok = amqp_connection_close_ok_t()
            _ = link?.supervised(until: .now + .seconds(1)) {
                amqp_send_method(library.pointer, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok)
            }
        } else {
            setRequestDeadline(.seconds(1))
            _ = link?.supervised(until: .now + .seconds(1)) {
                amqp_connection_close(library.pointer, AMQP_REPLY_SUCCESS)
            }
        }
        end(error ?? AMQPError(.closedByBroker, "The broker closed the connection."))
    }

    private func take(_ content: ContentAssembler.Content?) {
        guard let content else { return }
        switch content.method {
        case .returned(let code, let text, let routingKey):
            publisher.returned(
                queue: routingKey, messageID: content.properties.messageID, code: code, text: text)
        case .delivery(let tag, let isRedelivered, let routingKey):
            let delivery = AMQPDelivery(
                tag: tag, isRedelivered: isRedelivered, routingKey: routingKey, body: content.body,
                excess: content.excess, properties: content.properties)
            guard consumer.take(delivery) else {
                end(AMQPError(.connectionLost, "The broker sent more than the prefetch allows."))
                return
            }
        }
    }
}

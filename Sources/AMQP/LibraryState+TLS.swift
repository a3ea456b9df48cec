import CRabbitMQ

extension LibraryState {
    /// OpenSSL is made ready once for the process, before the first socket, and never torn down:
    /// the library itself would count its sockets and get it wrong (rabbitmq-c issue 737).
    private static let isTLSReady = amqp_initialize_ssl_library() == AMQP_STATUS_OK.rawValue

    /// The socket for a broker, not connected yet. For amqps it speaks TLS 1.2 or later and takes
    /// no certificate but one that the URL's authority vouches for, for the URL's host.
    func socket(for url: BrokerURL) throws(AMQPError) -> OpaquePointer {
        guard let authority = url.certificateAuthority else {
            guard let socket = amqp_tcp_socket_new(pointer) else {
                throw AMQPError(.unreachable, "No memory for a connection.")
            }
            return socket
        }
        guard Self.isTLSReady, let socket = amqp_ssl_socket_new(pointer) else {
            throw AMQPError(.unreachable, "TLS is not available.")
        }
        guard amqp_ssl_socket_set_cacert(socket, authority) == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(.unreachable, "\(authority) holds no certificates in PEM.")
        }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        // The default would be TLS 1.0.
        guard
            amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
                == AMQP_STATUS_OK.rawValue
        else { throw AMQPError(.unreachable, "TLS 1.2 is not available.") }
        return socket
    }
}

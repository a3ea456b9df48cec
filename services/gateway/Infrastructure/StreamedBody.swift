import AsyncHTTPClient
package import NIOCore

/// A long answer's body as it arrives: never more than a few parts are in memory, and it ends by
/// its deadline.
package struct StreamedBody: AsyncSequence, Sendable {
    let body: HTTPClientResponse.Body
    let upstream: Upstream
    let deadline: ContinuousClock.Instant

    /// Reads parts; to be made once.
    package struct Iterator: AsyncIteratorProtocol {
        var parts: HTTPClientResponse.Body.AsyncIterator
        let upstream: Upstream
        let deadline: ContinuousClock.Instant

        /// The next part.
        ///
        /// - Throws: ``UpstreamFault``; the status has gone out by then, so the caller sees a
        ///   broken connection.
        package mutating func next() async throws -> ByteBuffer? {
            guard ContinuousClock.now < deadline else {
                throw UpstreamFault(
                    kind: .timedOut, upstream: upstream.name,
                    reason: "body longer than its deadline")
            }
            do {
                return try await parts.next(isolation: #isolation)
            } catch {
                throw UpstreamFault(error, from: upstream)
            }
        }
    }

    /// All of it, where that is not too much.
    ///
    /// - Parameter limit: bytes at most.
    /// - Throws: ``UpstreamFault``, also for a longer one.
    package func gathered(upTo limit: Int) async throws(UpstreamFault) -> ByteBuffer {
        var whole = ByteBuffer()
        var parts = makeAsyncIterator()
        do {
            while let part = try await parts.next() {
                guard whole.readableBytes + part.readableBytes <= limit else {
                    throw UpstreamFault(
                        kind: .broken, upstream: upstream.name, reason: "the answer is too long")
                }
                whole.writeImmutableBuffer(part)
            }
        } catch {
            throw UpstreamFault(error, from: upstream)
        }
        return whole
    }

    /// Starts reading.
    package func makeAsyncIterator() -> Iterator {
        Iterator(parts: body.makeAsyncIterator(), upstream: upstream, deadline: deadline)
    }
}

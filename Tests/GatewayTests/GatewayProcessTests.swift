import AsyncHTTPClient
import LocalStack
import NIOCore
import NIOHTTP1
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(2))) struct GatewayProcessTests {
    @Test func `kassa-gateway serves while the services are away, and ends with 0 on SIGTERM`()
        async throws
    {
        let daemon = try await DaemonProcess.start(
            "kassa-gateway", port: try freePort(),
            environment: [
                "ORDER_SERVICE_URL": "http://127.0.0.1:1",
                "PAYMENT_SERVICE_URL": "http://127.0.0.1:1",
                "ORDER_SERVICE_GRPC": "127.0.0.1:1",
            ])
        try await eventually(within: .seconds(60)) {
            try await Self.status(daemon, "/health") == 200
        }
        #expect(try await Self.status(daemon, "/ready") == 503)
        #expect(try await Self.status(daemon, "/orders") == 503)
        #expect(try await Self.status(daemon, "/grpc/orders") == 503)
        let started = ContinuousClock.now
        let status = await daemon.terminate()
        #expect(status == .exited(0))
        // Nine by its own clock; the machine that runs the suites may be slow.
        #expect(ContinuousClock.now - started < .seconds(30))
        #expect(daemon.log.contains(#""msg":"stopped""#))
    }

    private static func status(_ daemon: DaemonProcess, _ target: String) async throws -> Int {
        let request = HTTPClientRequest(url: daemon.url + target)
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(5))
        else { return 0 }
        _ = try? await response.body.collect(upTo: 1_048_576)
        return Int(response.status.code)
    }
}

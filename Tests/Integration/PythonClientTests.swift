import Foundation
import LocalStack
import TestShop
import Testing

/// The gRPC door, called by somebody who has nothing of ours but the .proto.
@Suite struct PythonClientTests {
    @Test(.enabled(if: PythonClient.isInstalled, "needs python3-grpcio: run deploy/prerequisites"))
    func `a Python client creates, gets and lists orders, and is refused where it should be`()
        async throws
    {
        let shop = try await Shop.open(daemons: [.orders])
        let printed = try await Command(
            "/usr/bin/python3", [PythonClient.script, "127.0.0.1:\(shop.grpcPort)"],
            environment: ProcessInfo.processInfo.environment
        ).runOrThrow(within: .seconds(120))
        print(printed)
        await shop.close()
    }
}

private enum PythonClient {
    static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "python/orders_client.py").path(percentEncoded: false)

    static let isInstalled =
        FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/grpc")
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/protoc")
}

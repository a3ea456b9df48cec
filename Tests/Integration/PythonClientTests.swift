import LocalStack
import TestShop
import TestSupport
import Testing

/// The gRPC door, called by somebody who has nothing of ours but the .proto.
@Suite struct PythonClientTests {
    @Test(.enabled(if: PythonTools.isPrepared, "\(PythonTools.advice)"))
    func `a Python client creates, gets and lists orders, and is refused where it should be`()
        async throws
    {
        let shop = try await Shop.open(daemons: [.orders])
        let printed = try await PythonTools.command(
            "python", script: "orders_client.py", ["127.0.0.1:\(shop.grpcPort)"]
        ).runOrThrow(within: .seconds(120))
        print(printed)
        await shop.close()
    }
}

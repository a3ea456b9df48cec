import Foundation
import LocalStack
import TestShop
import TestSupport
import Testing

/// The page at /docs, in a real browser.
@Suite struct DocsPageTests {
    /// A browser is much to ask of everybody who runs the tests.
    private static let canRun =
        PythonTools.isPrepared
        && ["/usr/bin/chromium", "/usr/bin/chromedriver"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: $0)
        } && FileManager.default.fileExists(atPath: PythonTools.swaggerUI + "/VERSION")

    @Test(
        .enabled(
            if: canRun,
            """
            needs deploy/swagger-ui, Tests/prepare-python, and Debian's chromium and \
            chromium-driver
            """))
    func `a stranger opens an account, deposits, orders and sees PAID, and no request leaves`()
        async throws
    {
        let shop = try await Shop.open()
        let printed = try await PythonTools.command(
            "python", script: "docs_page.py",
            [shop.url(.gateway), PythonTools.swaggerUI + "/../docs-page.png"]
        ).runOrThrow(within: .seconds(300))
        print(printed)
        await shop.close()
    }
}

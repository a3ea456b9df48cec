package import GatewayInfrastructure
import HTTPTypes
import Hummingbird
package import ServiceHost

/// The API's description at `/openapi.json`, and at `/docs` and `/` the page that shows it.
///
/// The page loads nothing but the files of a fixed table, all from this gateway.
package struct DocumentationRoutes {
    private let page: DocumentationFile
    private let files: [String: DocumentationFile]

    /// The description itself, in UTF-8.
    package static var openAPI: [UInt8] { PackageResources.openapi_json }

    /// - Parameter swaggerUI: nil has the page say how to fetch it.
    package init(swaggerUI: SwaggerUIFiles?) {
        let html = "text/html; charset=utf-8"
        guard let swaggerUI else {
            page = DocumentationFile(
                PackageResources.missing_html, type: html, moreHeaders: Self.protection)
            files = [:]
            return
        }
        page = DocumentationFile(
            PackageResources.docs_html, type: html, moreHeaders: Self.protection)
        var files = [
            "start.js": DocumentationFile(PackageResources.start_js, type: Self.type("start.js"))
        ]
        for file in swaggerUI.files {
            files[file.name] = DocumentationFile(file.bytes, type: Self.type(file.name))
        }
        self.files = files
    }

    /// Adds the routes.
    package func add(to router: ServiceRouter) {
        let page = page
        let files = files
        let description = DocumentationFile(Self.openAPI, type: "application/json")
        for path in ["/", "/docs"] {
            router.get(path, for: .everybody) { request, _ in page.answer(to: request) }
        }
        router.get("/docs/{file}", for: .everybody) { request, context in
            guard let file = context.pathText("file").flatMap({ files[$0] }) else {
                throw HTTPFault(.notFound, "Not Found")
            }
            return file.answer(to: request)
        }
        router.get("/openapi.json", for: .everybody) { request, _ in
            description.answer(to: request)
        }
    }

    /// Nothing but this gateway's own files may run, and no other page may frame this one. Swagger
    /// UI's style sheet has its icons inside, as data.
    private static let protection: HTTPFields = [
        .contentSecurityPolicy: """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
        connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """,
        .referrerPolicy: "no-referrer",
    ]

    private static func type(_ name: String) -> String {
        switch name.split(separator: ".").last {
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        default: "image/png"
        }
    }
}

namespace RonKms.DevServer.Page;

/// <summary>The console at /: a page, its style and its script, all from here and from nowhere else.</summary>
internal static class PageEndpoints
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    internal static void MapPage(this IEndpointRouteBuilder app)
    {
        Map(app, "/", "index.html", "text/html; charset=utf-8");
        Map(app, "/console.css", "console.css", "text/css; charset=utf-8");
        Map(app, "/console.js", "console.js", "text/javascript; charset=utf-8");
    }

    private static void Map(IEndpointRouteBuilder app, string path, string file, string contentType)
    {
        using Stream resource = typeof(PageEndpoints).Assembly.GetManifestResourceStream(file)!;
        byte[] bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        app.MapGet(path, context =>
        {
            context.Response.ContentType = contentType;
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            return context.Response.Body.WriteAsync(bytes, 0, bytes.Length, context.RequestAborted);
        });
    }
}

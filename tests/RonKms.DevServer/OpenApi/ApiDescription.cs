using Microsoft.OpenApi;
using RonKms.DevServer.Problems;

namespace RonKms.DevServer.OpenApi;

/// <summary>The endpoints as an OpenAPI document, made from their code: GET /openapi/v1.json, and openapi.json beside this program's source.</summary>
internal static class ApiDescription
{
    private const string Name = "v1";
    private const string Capability = "capability";

    // Metadata has no word for it, so that the document's "default" is made of this one.
    private const int AnyStatus = StatusCodes.Status500InternalServerError;

    internal static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "RonKms development harness", Version = Name, Description = "For development and tests: docs/harness.md." };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Capability] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    BearerFormat = "macaroon",
                    Description = "A capability: docs/capabilities.md.",
                },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Capability, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses is { } responses && responses.Remove($"{AnyStatus}", out IOpenApiResponse? problem))
            {
                problem.Description = "A problem (RFC 9457).";
                responses.Add("default", problem);
            }

            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // Its converter is ours, so that nothing is known of it.
            if (context.JsonTypeInfo.Type == typeof(byte[]))
            {
                schema.Type = schema.Type is { } type && type.HasFlag(JsonSchemaType.Null) ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
                schema.Format = "byte";
            }

            return Task.CompletedTask;
        });
    });

    internal static void MapApiDescription(this IEndpointRouteBuilder app) => app.MapOpenApi("/openapi/{documentName}.json");

    /// <summary>Says that every endpoint may answer a problem, with whichever status.</summary>
    internal static void ProducesProblems(this RouteGroupBuilder group) =>
        group.WithMetadata(new ProducesResponseTypeMetadata(AnyStatus, typeof(Problem), [Problem.ContentType]));
}

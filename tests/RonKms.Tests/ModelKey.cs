namespace RonKms.Tests;

/// <summary>A key of the model.</summary>
internal sealed class ModelKey(ModelVersion first)
{
    internal List<ModelVersion> Versions { get; } = [first];

    internal ModelVersion Latest => Versions[^1];
}

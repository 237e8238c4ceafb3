using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RonKms.Tests.Architecture;

/// <summary>Which types of an assembly use which others of it, in signatures, bodies and attributes. Nested types count as the outermost one.</summary>
internal static class TypeDependencies
{
    /// <summary>Reads an assembly.</summary>
    /// <param name="path">Its file.</param>
    /// <returns>For each type by its full name, the full names of those that it uses.</returns>
    internal static IReadOnlyDictionary<string, IReadOnlySet<string>> Read(string path)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(path);
        Dictionary<string, IReadOnlySet<string>> all = [];
        foreach (TypeDefinition type in module.Types.Where(IsOurs))
        {
            HashSet<string> used = [];
            Collect(type, used);
            used.Remove(type.FullName);
            all.Add(type.FullName, used);
        }

        return all;
    }

    private static bool IsOurs(TypeReference type) => type.Namespace.StartsWith("RonKms", StringComparison.Ordinal);

    private static void Collect(TypeDefinition type, HashSet<string> used)
    {
        Add(type.BaseType, used);
        AddAttributes(type, used);
        AddParameters(type, used);
        foreach (InterfaceImplementation implemented in type.Interfaces)
        {
            Add(implemented.InterfaceType, used);
        }

        foreach (FieldDefinition field in type.Fields)
        {
            Add(field.FieldType, used);
            AddAttributes(field, used);
        }

        foreach (MethodDefinition method in type.Methods)
        {
            Collect(method, used);
        }

        foreach (TypeDefinition nested in type.NestedTypes)
        {
            Collect(nested, used);
        }
    }

    private static void Collect(MethodDefinition method, HashSet<string> used)
    {
        AddAttributes(method, used);
        AddMethod(method, used);
        if (!method.HasBody)
        {
            return;
        }

        foreach (VariableDefinition variable in method.Body.Variables)
        {
            Add(variable.VariableType, used);
        }

        foreach (ExceptionHandler handler in method.Body.ExceptionHandlers)
        {
            Add(handler.CatchType, used);
        }

        foreach (Instruction instruction in method.Body.Instructions)
        {
            switch (instruction.Operand)
            {
                case TypeReference type:
                    Add(type, used);
                    break;
                case FieldReference field:
                    Add(field.DeclaringType, used);
                    Add(field.FieldType, used);
                    break;
                case MethodReference called:
                    Add(called.DeclaringType, used);
                    AddMethod(called, used);
                    break;
            }
        }
    }

    private static void AddMethod(MethodReference method, HashSet<string> used)
    {
        Add(method.ReturnType, used);
        AddParameters(method, used);
        foreach (ParameterDefinition parameter in method.Parameters)
        {
            Add(parameter.ParameterType, used);
        }

        if (method is GenericInstanceMethod generic)
        {
            foreach (TypeReference argument in generic.GenericArguments)
            {
                Add(argument, used);
            }
        }
    }

    private static void AddParameters(IGenericParameterProvider provider, HashSet<string> used)
    {
        foreach (GenericParameterConstraint constraint in provider.GenericParameters.SelectMany(parameter => parameter.Constraints))
        {
            Add(constraint.ConstraintType, used);
        }
    }

    private static void AddAttributes(ICustomAttributeProvider provider, HashSet<string> used)
    {
        foreach (CustomAttribute attribute in provider.CustomAttributes)
        {
            Add(attribute.AttributeType, used);
        }
    }

    private static void Add(TypeReference? type, HashSet<string> used)
    {
        switch (type)
        {
            case null or GenericParameter:
                return;
            case GenericInstanceType generic:
                Add(generic.ElementType, used);
                foreach (TypeReference argument in generic.GenericArguments)
                {
                    Add(argument, used);
                }

                return;
            case TypeSpecification wrapped:
                Add(wrapped.ElementType, used);
                return;
        }

        while (type.DeclaringType is not null)
        {
            type = type.DeclaringType;
        }

        // What the compiler makes for array literals has no namespace, and other assemblies are not our business here.
        if (IsOurs(type) && type.Scope is ModuleDefinition)
        {
            used.Add(type.FullName);
        }
    }
}

pluginManagement {
    repositories { google(); mavenCentral(); gradlePluginPortal() }
}
dependencyResolutionManagement {
    // Where bindings-kotlin/build.sh puts the jar, and what bindings-kotlin/aar.sh makes (-PpocketkmsRepository=OUT).
    repositories {
        google()
        mavenCentral()
        mavenLocal()
        providers.gradleProperty("pocketkmsRepository").orNull?.let { out -> maven { url = uri(out) } }
    }
}
rootProject.name = "notes"
include(":app", ":notebook")

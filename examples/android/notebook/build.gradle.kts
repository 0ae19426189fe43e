plugins {
    kotlin("jvm")
}

kotlin { jvmToolchain(17) }

dependencies {
    // The app brings the AAR, with the library for its devices; here, and in unit tests, the jar for the JVM stands in for it.
    compileOnly("io.github.pocketkms:pocketkms:0.1.0")
    testImplementation("io.github.pocketkms:pocketkms:0.1.0")
    testImplementation("org.junit.jupiter:junit-jupiter:5.14.4")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher")
}

tasks.test { useJUnitPlatform() }

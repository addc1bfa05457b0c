"""Properties of CSS that browsers know and WeasyPrint does not: right on the screen, not printed.

The properties of Chromium 156 (every name in ``element.style``) without those of WeasyPrint 70 and without descriptors
of at-rules. A name that WeasyPrint learns later does no harm here: what it prints is not looked up.
"""

from __future__ import annotations

from typing import Final

SCREEN_ONLY: Final = frozenset(
    """
    accent-color alignment-baseline anchor-name anchor-scope animation animation-composition animation-delay
    animation-direction animation-duration animation-fill-mode animation-iteration-count animation-name animation-
    play-state animation-range animation-range-end animation-range-start animation-timeline animation-timing-
    function animation-trigger app-region aspect-ratio backdrop-filter backface-visibility background-blend-mode
    background-position-x background-position-y baseline-shift baseline-source border-shape buffered-rendering
    caret-animation caret-color caret-shape clip-path clip-rule color-interpolation color-interpolation-filters
    color-rendering column-height column-rule-break column-rule-inset column-rule-inset-cap column-rule-inset-cap-
    end column-rule-inset-cap-start column-rule-inset-end column-rule-inset-junction column-rule-inset-junction-end
    column-rule-inset-junction-start column-rule-inset-start column-rule-visibility-items column-wrap contain
    contain-intrinsic-block-size contain-intrinsic-height contain-intrinsic-inline-size contain-intrinsic-size
    contain-intrinsic-width container container-name container-type content-visibility corner-block-end-shape
    corner-block-start-shape corner-bottom-left-shape corner-bottom-right-shape corner-bottom-shape corner-end-end-
    shape corner-end-start-shape corner-inline-end-shape corner-inline-start-shape corner-left-shape corner-right-
    shape corner-shape corner-start-end-shape corner-start-start-shape corner-top-left-shape corner-top-right-shape
    corner-top-shape cursor cx cy d dominant-baseline dynamic-range-limit field-sizing fill fill-opacity fill-rule
    filter flex-line-count flood-color flood-opacity font-optical-sizing font-palette font-size-adjust font-
    synthesis font-synthesis-small-caps font-synthesis-style font-synthesis-weight font-variant-emoji forced-color-
    adjust frame-sizing initial-letter interactivity interest-delay interest-delay-end interest-delay-start
    interpolate-size isolation lighting-color line-break margin-trim marker marker-end marker-mid marker-start mask
    mask-clip mask-composite mask-image mask-mode mask-origin mask-position mask-repeat mask-size mask-type math-
    depth math-shift math-style mix-blend-mode object-view-box offset offset-anchor offset-distance offset-path
    offset-position offset-rotate overflow-anchor overflow-block overflow-clip-margin overflow-inline overflow-x
    overflow-y overlay overscroll-behavior overscroll-behavior-block overscroll-behavior-inline overscroll-
    behavior-x overscroll-behavior-y paint-order perspective perspective-origin pointer-events position-anchor
    position-area position-try position-try-fallbacks position-try-order position-visibility print-color-adjust r
    reading-flow reading-order resize rotate row-rule row-rule-break row-rule-color row-rule-inset row-rule-inset-
    cap row-rule-inset-cap-end row-rule-inset-cap-start row-rule-inset-end row-rule-inset-junction row-rule-inset-
    junction-end row-rule-inset-junction-start row-rule-inset-start row-rule-style row-rule-visibility-items row-
    rule-width ruby-align ruby-overhang ruby-position rule-break rule-color rule-inset rule-inset-cap rule-inset-end
    rule-inset-junction rule-inset-start rule-overlap rule-style rule-visibility-items rule-width rx ry scale
    scroll-axis-lock scroll-behavior scroll-initial-target scroll-margin scroll-margin-block scroll-margin-block-end
    scroll-margin-block-start scroll-margin-bottom scroll-margin-inline scroll-margin-inline-end scroll-margin-
    inline-start scroll-margin-left scroll-margin-right scroll-margin-top scroll-marker-group scroll-padding scroll-
    padding-block scroll-padding-block-end scroll-padding-block-start scroll-padding-bottom scroll-padding-inline
    scroll-padding-inline-end scroll-padding-inline-start scroll-padding-left scroll-padding-right scroll-padding-
    top scroll-snap-align scroll-snap-stop scroll-snap-type scroll-target-group scroll-timeline scroll-timeline-axis
    scroll-timeline-name scrollbar-color scrollbar-gutter scrollbar-width shape-image-threshold shape-margin shape-
    outside shape-rendering speak stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap
    stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor text-autospace text-box text-box-edge
    text-box-trim text-combine-upright text-decoration-skip-ink text-emphasis text-emphasis-color text-emphasis-
    position text-emphasis-style text-fit text-justify text-orientation text-rendering text-shadow text-size-adjust
    text-spacing-trim text-underline-position text-wrap text-wrap-mode text-wrap-style timeline-scope timeline-
    trigger timeline-trigger-activation-range timeline-trigger-activation-range-end timeline-trigger-activation-
    range-start timeline-trigger-active-range timeline-trigger-active-range-end timeline-trigger-active-range-start
    timeline-trigger-name timeline-trigger-source touch-action transform-box transform-style transition transition-
    behavior transition-delay transition-duration transition-property transition-timing-function translate trigger-
    scope user-select vector-effect view-timeline view-timeline-axis view-timeline-inset view-timeline-name view-
    transition-class view-transition-group view-transition-name view-transition-scope white-space-collapse will-
    change window-drag writing-mode x y zoom
    """.split()
)
